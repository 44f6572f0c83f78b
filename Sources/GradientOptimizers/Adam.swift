/// Adam: steps scaled by running moments of each parameter's gradient.
///
///     g = gradient + weightDecay·w
///     m = β₁·m + (1−β₁)·g          v = β₂·v + (1−β₂)·g²
///     w −= rate/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
///
/// Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization", 2014, arXiv:1412.6980, algorithm 1, with ε added after
/// the correction of v as PyTorch does.
public struct Adam: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// The smallest divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient; see ``AdamW`` for decay apart from the gradient.
  public var weightDecay: Float

  /// Adam with the given hyperparameters.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `adam`.
  public var name: String { "adam" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// The bias-corrected rate and divisor of this step.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    AdamRule.coefficients(step, beta1: beta1, beta2: beta2, keep: 1)
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    AdamRule.update(slice, beta1: beta1, beta2: beta2, epsilon: epsilon, l2: weightDecay)
  }
}

/// AdamW: Adam with weight decay apart from the gradient, w ← w·(1 − rate·weightDecay) before each step.
///
/// Source: Loshchilov, Hutter, "Decoupled Weight Decay Regularization", 2017, arXiv:1711.05101, algorithm 2. As in PyTorch,
/// biases decay too.
public struct AdamW: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// The smallest divisor.
  public var epsilon: Float
  /// The share of a parameter that decays in a step, before it is multiplied with the rate.
  public var weightDecay: Float

  /// AdamW with the given hyperparameters.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `adamw`.
  public var name: String { "adamw" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// The bias-corrected rate and divisor of this step, and the share of each parameter that stays.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    AdamRule.coefficients(step, beta1: beta1, beta2: beta2, keep: 1 - step.learningRate * weightDecay)
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    AdamRule.update(slice, beta1: beta1, beta2: beta2, epsilon: epsilon, l2: 0)
  }
}
