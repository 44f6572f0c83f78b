import NeuronKernels

/// L-BFGS over the whole data set: steps along directions that the last steps' changes of the gradient have bent towards the
/// minimum, as long as a line search finds good.
///
///     d = −H·g        H the inverse curvature that the last `history` pairs (s, y) stand for, two loops over them
///     w += t·d        t with f(w + t·d) ≤ f(w) + 1e-4·t·gᵀd and |g(w + t·d)ᵀd| ≤ 0.9·|gᵀd|
///     s = t·d,  y = g(w + t·d) − g(w),  kept where sᵀy > 1e-10
///
/// f is the loss plus ½·weightDecay·‖w‖². It is for networks and data so small that the whole set is one step
/// (`batchSize` or `gradientAccumulation` must reach it), where it needs tens of steps for what descent needs thousands. A step
/// evaluates loss and gradient once or twice, seldom more often. All dot products are sums in double precision in a fixed
/// order, so the number of workers changes no bit.
///
/// Samples are taken in their own order in every epoch, so that what a step has evaluated is what the next one would.
///
/// It takes the gradient as it is: a trainer refuses schedules, clipping, averages, penalties and constraints beside it.
///
/// Source: Nocedal, Wright, "Numerical Optimization", 2006, algorithms 7.4 and 3.5, with the interpolation, the first
/// step min(1, 1/‖g‖₁) and the tolerances of PyTorch's `LBFGS(line_search_fn="strong_wolfe")`.
public struct LBFGS: GradientOptimizer {
  /// The length that a line search tries first, times the direction.
  public var learningRate: Float
  /// Pairs that are remembered, 1 to 32.
  public var history: Int
  /// The factor of ½·‖w‖² in what is made small.
  public var weightDecay: Float
  /// The most evaluations of one line search.
  public var evaluations: Int

  /// L-BFGS with the given hyperparameters.
  public init(learningRate: Float = 1, history: Int = 10, weightDecay: Float = 0, evaluations: Int = 25) {
    self.learningRate = learningRate
    self.history = history
    self.weightDecay = weightDecay
    self.evaluations = evaluations
  }

  /// `lbfgs`.
  public var name: String { "lbfgs" }
  /// The pairs, oldest first: all s, then all y.
  public var stateSlotCount: Int { 2 * history }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try require(learningRate, "learningRate", "above 0, such as 1") { $0 > 0 }
    try requireDecay(weightDecay)
    guard (1...32).contains(history) else {
      throw GradientOptimizersError(parameter: "history", message: "history must be from 1 to 32, but is \(history)")
    }
    guard evaluations >= 2 else {
      throw GradientOptimizersError(
        parameter: "evaluations", message: "evaluations must be at least 2, but is \(evaluations)")
    }
  }

  /// Plain descent: what becomes of a slice by itself; a trainer makes whole steps instead.
  public func update(_ slice: ParameterSlice) {
    slice.kernels.updateSGD(
      slice.updateSlice(stateSlots: 0, l2: weightDecay), rate: slice.learningRate)
  }
}
