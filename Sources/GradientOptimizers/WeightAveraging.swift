/// An average of the weights, which is evaluated, validated and saved in place of them; training goes on from the weights.
public enum WeightAveraging: Sendable, Hashable {
  /// None.
  case none
  /// a = decay·a + (1 − decay)·w after every step, a = w after the first.
  ///
  /// Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992; PyTorch's `get_ema_multi_avg_fn`.
  case exponential(decay: Float)
  /// The mean of the weights at the ends of epochs, from epoch `firstEpoch` on, 1 for the first.
  ///
  /// Source: Izmailov and others, "Averaging Weights Leads to Wider Optima and Better Generalization", 2018, arXiv:1803.05407;
  /// PyTorch's `AveragedModel`.
  case stochastic(firstEpoch: Int)

  /// How far the average goes towards the weights after a step: 1 to become them, 0 to stay.
  ///
  /// - Parameters:
  ///   - step: the step's number, 1 for the first of all.
  ///   - epoch: the epoch's number, 1 for the first of all.
  ///   - isLastOfEpoch: whether the step ends it.
  package func share(step: Int, epoch: Int, isLastOfEpoch: Bool) -> Float {
    switch self {
    case .none: 0
    case .exponential(let decay): step == 1 ? 1 : complement(decay)
    case .stochastic(let first): isLastOfEpoch && epoch >= first ? 1 / Float(epoch - first + 1) : 0
    }
  }

  /// Whether there is an average after so many steps and whole epochs.
  package func hasBegun(steps: Int, epochs: Int) -> Bool {
    switch self {
    case .none: false
    case .exponential: steps > 0
    case .stochastic(let first): epochs >= first
    }
  }

  func validate() throws(GradientOptimizersError) {
    switch self {
    case .none: return
    case .exponential(let decay): try requireShare(decay, "averageDecay")
    case .stochastic(let first):
      guard first >= 1 else {
        throw GradientOptimizersError(
          parameter: "averageFrom", message: "averageFrom must be at least 1, but is \(first)")
      }
    }
  }
}

/// Slow weights, from which the optimizer's own set out anew every few steps.
///
///     s = s + share·(w − s);  w = s          s the initial weights at first
///
/// The slow weights are what is evaluated, validated and saved.
///
/// Source: Zhang, Lucas, Hinton, Ba, "Lookahead Optimizer: k steps forward, 1 step back", 2019, arXiv:1907.08610; optax'
/// `lookahead`.
public struct Lookahead: Sendable, Hashable {
  /// Steps from one meeting to the next.
  public var steps: Int
  /// How far the slow weights go towards the others when they meet.
  public var share: Float

  /// Slow weights that take a share of so many steps.
  public init(steps: Int = 5, share: Float = 0.5) {
    self.steps = steps
    self.share = share
  }

  func validate() throws(GradientOptimizersError) {
    guard steps >= 1 else {
      throw GradientOptimizersError(
        parameter: "lookaheadSteps", message: "lookaheadSteps must be at least 1, but is \(steps)")
    }
    try require(share, "lookaheadShare", "above 0 and at most 1, such as 0.5") { $0 > 0 && $0 <= 1 }
  }
}
