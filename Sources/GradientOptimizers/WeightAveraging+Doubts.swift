import Glibc

extension WeightAveraging {
  /// What is odd about the average in a run of so many epochs; nil where nothing is.
  ///
  /// Nothing is refused for it: a run may be cut short on purpose.
  public func doubt(inRunOf epochs: Int, stepsPerEpoch: Int) -> String? {
    switch self {
    case .none: return nil
    case .exponential(let decay):
      // The share of the first weights that is left in the average.
      let steps = epochs * stepsPerEpoch, left = pow(Double(decay), Double(steps))
      guard left > 0.1 else { return nil }
      return
        "the exponential average still has \(Int((100 * left).rounded())) % of the first weights after \(steps) steps; "
        + "lower averageDecay (now \(decay)) or train longer"
    case .stochastic(let first):
      guard first > epochs else { return nil }
      return "the average begins in epoch \(first), but the run has \(epochs), so there is none"
    }
  }
}
