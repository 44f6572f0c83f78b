/// Quickprop: every parameter jumps to the minimum of the parabola through its last two slopes.
///
///     s = −(gradient + weightDecay·w)              d₋₁, s₋₁ the step and the slope before
///     d = rate·s                                   where |d₋₁| ≤ 0.001
///     d = d₋₁·s/(s₋₁ − s), or growth·d₋₁ where s is beyond growth/(1 + growth)·s₋₁; plus rate·s where s points along d₋₁
///     w += d
///
/// Meant for the whole data set as one minibatch.
///
/// Source: Fahlman, "Faster-Learning Variations on Back-Propagation: An Empirical Study", 1988, in the form of FANN 2.2
/// (`fann_update_weights_quickprop`), whose slopes are sums where these are means, so that its rate is divided by the number
/// of samples.
public struct Quickprop: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The largest factor from one step to the next.
  public var growth: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// Quickprop with the given hyperparameters.
  public init(learningRate: Float = 0.01, growth: Float = 1.75, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.growth = growth
    self.weightDecay = weightDecay
  }

  /// `quickprop`.
  public var name: String { "quickprop" }
  /// The step and the slope before.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try require(growth, "growth", "above 0, such as 1.75") { $0 > 0 }
    try requireDecay(weightDecay)
  }

  /// Rate, growth, and its share of the slope before.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [step.learningRate, growth, growth / (1 + growth), 0, 0, 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .quickprop, stateSlots: 2, l2: weightDecay)
  }
}
