import NeuronKernels

/// LARS: SGD with momentum, each tensor's steps as long as the tensor's own norm says; for very large minibatches.
///
///     d = g + weightDecay·w
///     v = momentum·v + rate · trust·‖w‖/‖d‖ · d          the ratio is 1 where either norm is 0
///     w −= v
///
/// Source: You, Gitman, Ginsburg, "Large Batch Training of Convolutional Networks", 2017, arXiv:1708.03888, algorithm 1,
/// with the norm of the decayed gradient as in optax.
public struct LARS: GradientOptimizer, TrustRatioOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the velocity that a step keeps, in [0, 1).
  public var momentum: Float
  /// What the ratio of the norms is multiplied with.
  public var trust: Float
  /// The share of a parameter that joins its gradient.
  public var weightDecay: Float

  /// LARS with the given hyperparameters.
  public init(learningRate: Float = 1, momentum: Float = 0.9, trust: Float = 0.001, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.trust = trust
    self.weightDecay = weightDecay
  }

  /// `lars`.
  public var name: String { "lars" }
  /// The velocity.
  public var stateSlotCount: Int { 1 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(momentum, "momentum")
    try require(trust, "trust", "a finite number above 0, such as 0.001") { $0 > 0 }
    try requireDecay(weightDecay)
  }

  /// The decay alone.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    var lanes = SIMD8<Float>.zero
    lanes[0] = weightDecay
    return lanes
  }

  package func formDirection(_ slice: ParameterSlice, in direction: UnsafeMutablePointer<Float>) {
    var update = slice.updateSlice(stateSlots: 0, l2: 0)
    update.parameters = direction
    update.state0 = slice.parameters
    slice.kernels.update(update, by: .decayedGradient, slice.decays ? slice.coefficients : .zero)
  }

  package func trustRatio(parameterNorm: Double, directionNorm: Double, count: Int) -> Float {
    GradientOptimizers.trustRatio(trust, parameterNorm: parameterNorm, directionNorm: directionNorm)
  }

  /// One pass over the slice, whose gradients are the direction.
  public func update(_ slice: ParameterSlice) {
    var update = slice.updateSlice(stateSlots: 1, l2: 0)
    update.gradientScale *= slice.learningRate
    slice.kernels.updateMomentum(update, rate: 1, momentum: momentum, nesterov: false)
  }
}
