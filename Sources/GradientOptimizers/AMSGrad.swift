/// AMSGrad: Adam whose second moment never falls, so that its steps shrink as its proof of convergence needs.
///
///     g = gradient + weightDecay·w
///     m = β₁·m + (1−β₁)·g          v = β₂·v + (1−β₂)·g²          u = max(u, v)
///     w −= rate/(1−β₁ᵗ) · m / (√u/√(1−β₂ᵗ) + ε)
///
/// Source: Reddi, Kale, Kumar, "On the Convergence of Adam and Beyond", 2018, arXiv:1904.09237, algorithm 2, with the corrections
/// that PyTorch adds.
public struct AMSGrad: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// What is added to the divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// AMSGrad with the given hyperparameters.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `amsgrad`.
  public var name: String { "amsgrad" }
  /// The two moments, and the largest second one.
  public var stateSlotCount: Int { 3 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// Corrected step, root correction, β₁, 1 − β₁, β₂, 1 − β₂, ε.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [
      correctedStep(beta1, step), rootCorrection(beta2, step), beta1, complement(beta1), beta2, complement(beta2),
      epsilon, 0,
    ]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .amsgrad, stateSlots: 3, l2: weightDecay)
  }
}
