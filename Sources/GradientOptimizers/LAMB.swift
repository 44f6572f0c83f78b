import NeuronKernels

/// LAMB: Adam's steps, each tensor's as long as the tensor's own norm says; for very large minibatches.
///
///     m = β₁·m + (1−β₁)·g          v = β₂·v + (1−β₂)·g²
///     d = m/(1−β₁ᵗ) / (√v/√(1−β₂ᵗ) + ε) + weightDecay·w
///     w −= rate · ‖w‖/‖d‖ · d          the ratio is 1 where either norm is 0
///
/// Source: You et al., "Large Batch Optimization for Deep Learning", 2019, arXiv:1904.00962, algorithm 2, with φ(x) = x as
/// in optax.
public struct LAMB: GradientOptimizer, TrustRatioOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// The smallest divisor.
  public var epsilon: Float
  /// The share of a parameter that joins its direction.
  public var weightDecay: Float

  /// LAMB with the given hyperparameters.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-6,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `lamb`.
  public var name: String { "lamb" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// The corrections of the moments, and the constants of the direction.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    SIMD8(
      Float(1 / gathered(beta1, step)), rootCorrection(beta2, step), beta1, complement(beta1), beta2,
      complement(beta2), epsilon, weightDecay)
  }

  package func formDirection(_ slice: ParameterSlice, in direction: UnsafeMutablePointer<Float>) {
    var coefficients = slice.coefficients
    if !slice.decays { coefficients[7] = 0 }
    var update = slice.updateSlice(stateSlots: 2, l2: 0)
    update.parameters = direction
    update.state2 = slice.parameters
    slice.kernels.update(update, by: .lambDirection, coefficients)
  }

  package func trustRatio(parameterNorm: Double, directionNorm: Double, count: Int) -> Float {
    GradientOptimizers.trustRatio(1, parameterNorm: parameterNorm, directionNorm: directionNorm)
  }

  /// One pass over the slice, whose gradients are the direction.
  public func update(_ slice: ParameterSlice) {
    slice.kernels.updateSGD(slice.updateSlice(stateSlots: 0, l2: 0), rate: slice.learningRate)
  }
}
