/// Rprop (iRPROP−): every parameter has a step size of its own, which grows while its gradient keeps its sign and shrinks
/// when it changes; the gradient's size means nothing.
///
///     p = g·g₋₁                    g₋₁ the gradient of the step before
///     s = s·(growth where p > 0, shrink where p < 0), between smallestStep and largestStep;  s = rate at first
///     g = 0 where p < 0
///     w −= sign(g)·s
///
/// Meant for the whole data set as one minibatch: the signs of noisy gradients mislead it. The learning rate is the first
/// step size; a schedule multiplies the steps with its factor.
///
/// Source: Riedmiller, Braun, "A Direct Adaptive Method for Faster Backpropagation Learning", 1993; Igel, Hüsken, "Improving the
/// Rprop Learning Algorithm", 2000, iRPROP−.
public struct Rprop: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The factor of a step size after a change of sign, in (0, 1).
  public var shrink: Float
  /// The factor of a step size after none, at least 1.
  public var growth: Float
  /// The smallest step size.
  public var smallestStep: Float
  /// The largest step size.
  public var largestStep: Float

  /// Rprop with the given hyperparameters.
  public init(
    learningRate: Float = 0.01, shrink: Float = 0.5, growth: Float = 1.2, smallestStep: Float = 1e-6,
    largestStep: Float = 50
  ) {
    self.learningRate = learningRate
    self.shrink = shrink
    self.growth = growth
    self.smallestStep = smallestStep
    self.largestStep = largestStep
  }

  /// `rprop`.
  public var name: String { "rprop" }
  /// The gradient before and the step size.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try require(shrink, "shrink", "above 0 and below 1, such as 0.5") { $0 > 0 && $0 < 1 }
    try require(growth, "growth", "at least 1, such as 1.2") { $0 >= 1 }
    try require(smallestStep, "smallestStep", "a finite number of at least 0") { $0 >= 0 }
    try require(largestStep, "largestStep", "at least smallestStep, such as 50") { $0 >= smallestStep }
  }

  /// The schedule's factor, shrink, growth, bounds, and what the first step finds for its size.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let factor = learningRate > 0 ? step.learningRate / learningRate : 0
    return [factor, shrink, growth, smallestStep, largestStep, step.number == 1 ? learningRate : 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .rprop, stateSlots: 2)
  }
}
