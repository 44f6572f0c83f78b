import Glibc

/// Straight up to the optimizer's rate and straight down again, over and over.
///
/// Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, arXiv:1506.01186; PyTorch's `CyclicLR`, without
/// its cycle of the momentum.
public struct CyclicRate: Sendable, Hashable {
  /// How the peaks change.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// They stay.
    case triangular
    /// Each is half as far above the lowest rate as the last.
    case triangular2
    /// Their distance from the lowest rate shrinks by `decay` in every step.
    case exponential
  }

  /// The lowest rate, as a share of the optimizer's.
  public var lowFactor: Float
  /// Epochs of a rise.
  public var epochsUp: Double
  /// Epochs of a fall.
  public var epochsDown: Double
  /// How the peaks change.
  public var mode: Mode
  /// The factor of a step with ``Mode/exponential``, in (0, 1].
  public var decay: Float

  /// Cycles of the given form; a fall takes as long as a rise unless it is given.
  public init(
    lowFactor: Float = 0.1, epochsUp: Double = 2, epochsDown: Double? = nil, mode: Mode = .triangular, decay: Float = 1
  ) {
    self.lowFactor = lowFactor
    self.epochsUp = epochsUp
    self.epochsDown = epochsDown ?? epochsUp
    self.mode = mode
    self.decay = decay
  }

  func validate() throws(GradientOptimizersError) {
    try require(lowFactor, "schedule.lowFactor", "in [0, 1]") { $0 >= 0 && $0 <= 1 }
    try LearningRateSchedule.requireLength(epochsUp, "epochsUp")
    try LearningRateSchedule.requireLength(epochsDown, "epochsDown")
    try require(decay, "schedule.decay", "above 0 and at most 1, such as 0.999") { $0 > 0 && $0 <= 1 }
  }

  func factor(step: Int, stepsPerEpoch: Int) -> Float {
    let up = epochsUp * Double(stepsPerEpoch), down = epochsDown * Double(stepsPerEpoch)
    let cycle = (Double(step) / (up + down)).rounded(.down), position = Double(step) - cycle * (up + down)
    let height = position <= up ? position / up : (up + down - position) / down
    let scale =
      switch mode {
      case .triangular: 1.0
      case .triangular2: pow(0.5, cycle)
      case .exponential: pow(decimal(decay), Double(step))
      }
    let low = decimal(lowFactor)
    return Float(low + (1 - low) * height * scale)
  }
}
