import Glibc

/// Half a cosine from the rate to its share `finalFactor`, begun again when it is done, each period longer than the last.
///
/// Source: Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016, arXiv:1608.03983, equation 5, with
/// the cosine advanced at every step and Keras' lower peaks.
public struct CosineRestarts: Sendable, Hashable {
  /// The first period's length.
  public var epochs: Double
  /// The factor from one period's length to the next one's, at least 1.
  public var lengthFactor: Float
  /// The factor from one period's peak to the next one's.
  public var peakFactor: Float
  /// The share of the rate that each period ends on.
  public var finalFactor: Float
  /// The epochs of the linear rise before the first period.
  public var warmUpEpochs: Double

  /// Periods of the given lengths and heights.
  public init(
    epochs: Double = 10, lengthFactor: Float = 2, peakFactor: Float = 1, finalFactor: Float = 0,
    warmUpEpochs: Double = 0
  ) {
    self.epochs = epochs
    self.lengthFactor = lengthFactor
    self.peakFactor = peakFactor
    self.finalFactor = finalFactor
    self.warmUpEpochs = warmUpEpochs
  }

  func validate() throws(GradientOptimizersError) {
    try LearningRateSchedule.requireLength(epochs, "epochs")
    try require(lengthFactor, "schedule.lengthFactor", "at least 1, such as 2") { $0 >= 1 }
    try require(peakFactor, "schedule.peakFactor", "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    try LearningRateSchedule.requireFinalFactor(finalFactor)
    try LearningRateSchedule.requireWarmUp(warmUpEpochs)
  }

  func factor(step: Int, stepsPerEpoch: Int) -> Float {
    let warmUp = warmUpEpochs * Double(stepsPerEpoch)
    if Double(step) < warmUp { return LearningRateSchedule.warmUp(Double(step), of: warmUp) }
    let period = period(at: (Double(step) - warmUp) / (epochs * Double(stepsPerEpoch)))
    let peak = pow(decimal(peakFactor), Double(period.number))
    return finalFactor + (1 - finalFactor) * Float(0.5 * peak * (1 + cos(Double.pi * period.share)))
  }

  /// Which period, from 0, and how much of it is over, when `position` first lengths are.
  private func period(at position: Double) -> (number: Int, share: Double) {
    let growth = decimal(lengthFactor)
    if growth == 1 {
      let number = position.rounded(.down)
      return (Int(number), position - number)
    }
    var left = position, length = 1.0, number = 0
    while left >= length {
      left -= length
      length *= growth
      number += 1
    }
    return (number, left / length)
  }
}
