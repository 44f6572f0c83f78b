/// Adamax: Adam with the largest recent gradient in place of the mean square.
///
///     g = gradient + weightDecay·w
///     m = β₁·m + (1−β₁)·g          u = max(β₂·u, |g| + ε)
///     w −= rate/(1−β₁ᵗ) · m / u
///
/// Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization", 2014, arXiv:1412.6980, algorithm 2, with ε where PyTorch has it.
public struct Adamax: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the largest gradient that a step keeps, in [0, 1).
  public var beta2: Float
  /// What is added to the size of a gradient, which keeps the divisor above 0.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// Adamax with the given hyperparameters.
  public init(
    learningRate: Float = 0.002, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `adamax`.
  public var name: String { "adamax" }
  /// The mean and the largest gradient.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// Corrected step, β₁, 1 − β₁, β₂, ε.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [correctedStep(beta1, step), beta1, complement(beta1), beta2, epsilon, 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .adamax, stateSlots: 2, l2: weightDecay)
  }
}
