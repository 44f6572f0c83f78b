/// What a sweep over learning rates has shown: the loss of steps whose rate rises from one to the next.
///
/// Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, arXiv:1506.01186, section 3.3, with rates in
/// geometric progression.
public struct RateSweep: Sendable, Hashable {
  /// A step of the sweep.
  public struct Point: Sendable, Hashable {
    /// The step's learning rate.
    public let rate: Float
    /// The mean loss of its samples, before its update.
    public let loss: Double
    /// The mean of the losses around it, nearer ones counting more.
    public let smoothedLoss: Double
  }

  /// The steps in their order, up to the one where the loss left.
  public let points: [Point]
  /// The rate at which the smoothed loss falls fastest, per factor of the rate; nil where it never falls.
  public let steepestRate: Float?
  /// The rate at which the loss left: no number any more, or beyond ``divergenceFactor`` times the least.
  ///
  /// Nil where none did.
  public let divergedRate: Float?

  /// How many times the least smoothed loss ends a sweep.
  public static let divergenceFactor = 4.0

  /// Steps on each side that smoothing looks at.
  static let reach = 4

  /// A rate to begin with: the steepest one, but at most a tenth of the one at which the loss left.
  ///
  /// Nil where the loss never fell.
  public var suggestedRate: Float? {
    steepestRate.map { steepest in divergedRate.map { min(steepest, $0 / 10) } ?? steepest }
  }

  /// Judges the losses of steps at these rates.
  init(rates: [Float], losses: [Double], divergedRate: Float?) {
    let smoothed = losses.indices.map { Self.smoothed(losses, at: $0) }
    points = losses.indices.map { Point(rate: rates[$0], loss: losses[$0], smoothedLoss: smoothed[$0]) }
    steepestRate = Self.steepest(smoothed).map { rates[$0] }
    self.divergedRate = divergedRate
  }

  /// A mean with weights that fall to both sides in a straight line; symmetric, so that nothing moves along the rates.
  private static func smoothed(_ losses: [Double], at index: Int) -> Double {
    // As many on one side as on the other, or a slope at the ends would look flatter than it is.
    let reach = min(Self.reach, index, losses.count - 1 - index)
    var sum = 0.0, weights = 0.0
    for distance in -reach...reach {
      let weight = Double(reach + 1 - abs(distance))
      sum += weight * losses[index + distance]
      weights += weight
    }
    return sum / weights
  }

  /// Where the smoothed loss falls fastest on the way to its least; rates are in geometric progression, so a step is a step.
  private static func steepest(_ smoothed: [Double]) -> Int? {
    guard let least = smoothed.indices.min(by: { smoothed[$0] < smoothed[$1] }), least > 0 else { return nil }
    let slopes = (1...least).filter { $0 + 1 < smoothed.count }.map { index in
      (index: index, fall: smoothed[index - 1] - smoothed[index + 1])
    }
    guard let best = slopes.max(by: { $0.fall < $1.fall }), best.fall > 0 else { return nil }
    return best.index
  }
}
