import Glibc

/// One rise to the optimizer's rate and a long fall to almost nothing, over the whole run.
///
/// Source: Smith, Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates", 2017,
/// arXiv:1708.07120; PyTorch's `OneCycleLR`, without its cycle of the momentum.
public struct OneCycle: Sendable, Hashable {
  /// The shape of rise and fall.
  public enum Shape: String, Sendable, Hashable, CaseIterable {
    case cosine, linear
  }

  /// The share of the run that rises, in (0, 1); in (0, ½] with three phases.
  public var rising: Float
  /// The run begins with the rate divided by this.
  public var startDivisor: Float
  /// The run ends with the first rate divided by this.
  public var endDivisor: Float
  /// The shape of rise and fall.
  public var shape: Shape
  /// Whether it falls as fast as it rose, and only then to the end.
  public var threePhases: Bool

  /// A cycle of the given form.
  public init(
    rising: Float = 0.3, startDivisor: Float = 25, endDivisor: Float = 1e4, shape: Shape = .cosine,
    threePhases: Bool = false
  ) {
    self.rising = rising
    self.startDivisor = startDivisor
    self.endDivisor = endDivisor
    self.shape = shape
    self.threePhases = threePhases
  }

  func validate() throws(GradientOptimizersError) {
    let most: Float = threePhases ? 0.5 : 1
    try require(rising, "schedule.rising", "above 0 and \(threePhases ? "at most 0.5" : "below 1"), such as 0.3") {
      $0 > 0 && ($0 < most || (threePhases && $0 == most))
    }
    try require(startDivisor, "schedule.startDivisor", "at least 1, such as 25") { $0 >= 1 }
    try require(endDivisor, "schedule.endDivisor", "at least 1, such as 10000") { $0 >= 1 }
  }

  func factor(step: Int, totalSteps: Int) -> Float {
    let start = 1 / decimal(startDivisor), end = start / decimal(endDivisor)
    let total = Double(totalSteps), rise = decimal(rising) * total - 1, last = total - 1
    let position = min(Double(step), last)
    if position <= rise { return between(start, 1, position / rise) }
    guard threePhases else { return between(1, end, share(position, from: rise, to: last)) }
    let fall = 2 * rise
    if position <= fall { return between(1, start, share(position, from: rise, to: fall)) }
    return between(start, end, share(position, from: fall, to: last))
  }

  /// How far `position` has come; a phase without a length is over.
  private func share(_ position: Double, from first: Double, to last: Double) -> Double {
    last > first ? (position - first) / (last - first) : 1
  }

  private func between(_ first: Double, _ last: Double, _ share: Double) -> Float {
    // A rise of at most one step begins at its end.
    let share = share.isFinite ? share : 1
    switch shape {
    case .linear: return Float(first + (last - first) * share)
    case .cosine: return Float(last + (first - last) * 0.5 * (1 + cos(Double.pi * share)))
    }
  }
}
