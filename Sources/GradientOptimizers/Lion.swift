/// Lion: every parameter moves by the rate, in the direction of its momentum's sign.
///
///     d = β₁·m + (1−β₁)·gradient          m = β₂·m + (1−β₂)·gradient  afterwards
///     w = (1 − rate·weightDecay)·w − rate·sign(d)
///
/// Source: Chen and others, "Symbolic Discovery of Optimization Algorithms", 2023, arXiv:2302.06675, algorithm 2. Its rate is
/// usually three to ten times smaller than Adam's, and its decay as much larger.
public struct Lion: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the momentum in the direction, in [0, 1).
  public var beta1: Float
  /// The share of the momentum that a step keeps, in [0, 1).
  public var beta2: Float
  /// The share of a parameter that decays in a step, before it is multiplied with the rate.
  public var weightDecay: Float

  /// Lion with the given hyperparameters.
  public init(learningRate: Float = 0.0001, beta1: Float = 0.9, beta2: Float = 0.99, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
  }

  /// `lion`.
  public var name: String { "lion" }
  /// The momentum.
  public var stateSlotCount: Int { 1 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(beta1, "beta1")
    try requireShare(beta2, "beta2")
    try requireDecay(weightDecay)
  }

  /// Rate, β₁, 1 − β₁, β₂, 1 − β₂.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [step.learningRate, beta1, complement(beta1), beta2, complement(beta2), 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .lion, stateSlots: 1, decay: weightDecay)
  }
}
