/// Yogi: Adam whose second moment moves by at most a share of the squared gradient, so that it can't forget at once.
///
///     m = β₁·m + (1−β₁)·gradient
///     v = v − (1−β₂)·sign(v − gradient²)·gradient²          both initialAccumulator at first
///     w = (1 − rate·weightDecay)·w − rate/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
///
/// Source: Zaheer and others, "Adaptive Methods for Nonconvex Optimization", 2018, algorithm 2; optax's form.
public struct Yogi: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// What is added to the divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// What both moments begin with.
  public var initialAccumulator: Float
  /// The share of a parameter that decays in a step, before it is multiplied with the rate.
  public var weightDecay: Float

  /// Yogi with the given hyperparameters.
  public init(
    learningRate: Float = 0.01, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-3,
    initialAccumulator: Float = 1e-6, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.initialAccumulator = initialAccumulator
    self.weightDecay = weightDecay
  }

  /// `yogi`.
  public var name: String { "yogi" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(beta1, "beta1")
    try requireShare(beta2, "beta2")
    try requireEpsilon(epsilon)
    try require(initialAccumulator, "initialAccumulator", "a finite number of at least 0") { $0 >= 0 }
    try requireDecay(weightDecay)
  }

  /// Corrected step, root correction, β₁, 1 − β₁, 1 − β₂, ε, and what the first step finds in its state.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [
      correctedStep(beta1, step), rootCorrection(beta2, step), beta1, complement(beta1), complement(beta2), epsilon,
      step.number == 1 ? initialAccumulator : 0, 0,
    ]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .yogi, stateSlots: 2, decay: weightDecay)
  }
}
