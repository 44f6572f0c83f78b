/// Stochastic gradient descent, plain, with momentum, or with Nesterov's look-ahead.
///
///     g = gradient + weightDecay·w
///     v = momentum·v + g
///     w −= rate·v            (Nesterov: rate·(g + momentum·v); without momentum: rate·g)
///
/// PyTorch's form: the rate multiplies the velocity, not what enters it.
///
/// Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", 2013.
public struct SGD: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the velocity that a step keeps, in [0, 1).
  public var momentum: Float
  /// Whether the gradient is followed from where momentum will have led.
  public var nesterov: Bool
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// Gradient descent with the given hyperparameters.
  public init(learningRate: Float = 0.01, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// `sgd`.
  public var name: String { "sgd" }
  /// The velocity, where there is momentum.
  public var stateSlotCount: Int { momentum == 0 ? 0 : 1 }

  /// Refuses rates, momentum and decay that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try require(momentum, "momentum", "in [0, 1)") { $0 >= 0 && $0 < 1 }
    try require(weightDecay, "weightDecay", "a finite number of at least 0") { $0 >= 0 }
    if nesterov && momentum == 0 {
      throw GradientOptimizersError(
        parameter: "nesterov", message: "nesterov needs momentum above 0, such as 0.9, but momentum is 0")
    }
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    let arguments = slice.updateSlice(stateSlots: stateSlotCount, l2: weightDecay)
    if momentum == 0 {
      slice.kernels.updateSGD(arguments, rate: slice.learningRate)
    } else {
      slice.kernels.updateMomentum(arguments, rate: slice.learningRate, momentum: momentum, nesterov: nesterov)
    }
  }
}
