/// AdaBelief: Adam whose second moment is of the gradient's departure from its mean: long steps where the gradient is as
/// expected.
///
///     m = β₁·m + (1−β₁)·gradient
///     s = β₂·s + (1−β₂)·(gradient − m)² + ε₀
///     w = (1 − rate·weightDecay)·w − rate/(1−β₁ᵗ) · m / (√s/√(1−β₂ᵗ) + ε)
///
/// Source: Zhuang and others, "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients", 2020,
/// arXiv:2010.07468, algorithm 2, with both of optax's ε.
public struct AdaBelief: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// What is added to the divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// ε₀, which is added to the second moment in every step.
  public var innerEpsilon: Float
  /// The share of a parameter that decays in a step, before it is multiplied with the rate.
  public var weightDecay: Float

  /// AdaBelief with the given hyperparameters.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-16,
    innerEpsilon: Float = 1e-16, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.innerEpsilon = innerEpsilon
    self.weightDecay = weightDecay
  }

  /// `adabelief`.
  public var name: String { "adabelief" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(beta1, "beta1")
    try requireShare(beta2, "beta2")
    try requireEpsilon(epsilon)
    try require(innerEpsilon, "innerEpsilon", "a finite number of at least 0") { $0 >= 0 }
    try requireDecay(weightDecay)
  }

  /// Corrected step, root correction, β₁, 1 − β₁, β₂, 1 − β₂, ε, ε₀.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [
      correctedStep(beta1, step), rootCorrection(beta2, step), beta1, complement(beta1), beta2, complement(beta2),
      epsilon, innerEpsilon,
    ]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .adaBelief, stateSlots: 2, decay: weightDecay)
  }
}
