/// RAdam: Adam that rectifies its first steps, whose second moment rests on too few gradients to be trusted.
///
///     g = gradient + weightDecay·w
///     m = β₁·m + (1−β₁)·g          v = β₂·v + (1−β₂)·g²
///     ρ∞ = 2/(1−β₂) − 1            ρ = ρ∞ − 2·t·β₂ᵗ/(1−β₂ᵗ)
///     r = √((ρ−4)·(ρ−2)·ρ∞ / ((ρ∞−4)·(ρ∞−2)·ρ))
///     w −= rate/(1−β₁ᵗ) · m · r·√(1−β₂ᵗ)/(√v + ε)          where ρ > 5;  w −= rate/(1−β₁ᵗ)·m  before
///
/// Source: Liu and others, "On the Variance of the Adaptive Learning Rate and Beyond", 2019, arXiv:1908.03265, algorithm 2, with
/// PyTorch's bound of 5.
public struct RAdam: GradientOptimizer, KernelUpdatingOptimizer {
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

  /// RAdam with the given hyperparameters.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `radam`.
  public var name: String { "radam" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// As Adam's: step size, factor of √v, share of the parameter that stays, 1 − β₁, 1 − β₂; and what is added to √v.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let beta2 = decimal(self.beta2), gathered2 = gathered(self.beta2, step), number = Double(step.number)
    let limit = 2 / (1 - beta2) - 1
    let length = limit - 2 * number * (1 - gathered2) / gathered2
    var rectified = 1.0
    if length > 5 {
      rectified =
        ((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)).squareRoot()
        * gathered2.squareRoot()
    }
    let rate = Double(step.learningRate) / gathered(beta1, step) * rectified
    return [
      Float(rate), length > 5 ? 1 : 0, 1, complement(beta1), complement(self.beta2), length > 5 ? epsilon : 1, 0, 0,
    ]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    AdamRule.update(slice, beta1: beta1, beta2: beta2, epsilon: slice.coefficients[5], l2: weightDecay)
  }
}
