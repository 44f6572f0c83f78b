/// A rate that is lowered when a metric has not improved for some epochs.
///
/// The metric is the validation's where there is one, else the training's. What has been seen outlives a call of `fit`.
///
/// Source: PyTorch's `ReduceLROnPlateau` with its relative threshold.
public struct Plateau: Sendable, Hashable {
  /// What must improve.
  public enum Metric: String, Sendable, Hashable, CaseIterable {
    /// The mean loss, which should fall.
    case loss
    /// The share of samples that are classified rightly, which should rise.
    case accuracy
  }

  /// What the rate is multiplied with, in (0, 1).
  public var factor: Float
  /// Epochs without improvement that are borne; the next one lowers the rate.
  public var patience: Int
  /// The share of the best value by which another must be better to count.
  public var threshold: Float
  /// Epochs after a reduction that never count as bad.
  public var cooldown: Int
  /// The share of the optimizer's rate below which it does not fall.
  public var finalFactor: Float
  /// What must improve.
  public var metric: Metric

  /// A plateau of the given patience.
  public init(
    factor: Float = 0.1, patience: Int = 10, threshold: Float = 1e-4, cooldown: Int = 0, finalFactor: Float = 0,
    metric: Metric = .loss
  ) {
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.finalFactor = finalFactor
    self.metric = metric
  }

  func validate() throws(GradientOptimizersError) {
    try require(factor, "schedule.factor", "above 0 and below 1, such as 0.1") { $0 > 0 && $0 < 1 }
    try LearningRateSchedule.requireCount(patience, "patience", atLeast: 0)
    try require(threshold, "schedule.threshold", "in [0, 1), such as 1e-4") { $0 >= 0 && $0 < 1 }
    try LearningRateSchedule.requireCount(cooldown, "cooldown", atLeast: 0)
    try LearningRateSchedule.requireFinalFactor(finalFactor)
  }

  /// What a run remembers of its epochs' metrics.
  package struct Watch: Sendable, Hashable {
    /// What the optimizer's rate is multiplied with.
    package private(set) var factor: Float = 1
    private var best: Double?
    private var badEpochs = 0
    private var cooldownLeft = 0

    package init() {}

    /// What a checkpoint keeps of it.
    package struct Memory: Sendable, Hashable {
      package let factor: Float
      package let best: Double?
      package let badEpochs: Int
      package let cooldownLeft: Int

      package init(factor: Float, best: Double?, badEpochs: Int, cooldownLeft: Int) {
        self.factor = factor
        self.best = best
        self.badEpochs = badEpochs
        self.cooldownLeft = cooldownLeft
      }
    }

    /// Everything that it remembers.
    package var memory: Memory {
      Memory(factor: factor, best: best, badEpochs: badEpochs, cooldownLeft: cooldownLeft)
    }

    /// Goes on where another stopped.
    package init(memory: Memory) {
      factor = memory.factor
      best = memory.best
      badEpochs = memory.badEpochs
      cooldownLeft = memory.cooldownLeft
    }

    /// Takes the metric of an epoch; one that is not a number is no improvement.
    package mutating func note(_ value: Double, for plateau: Plateau) {
      if isBetter(value, for: plateau) {
        best = value
        badEpochs = 0
      } else {
        badEpochs += 1
      }
      if cooldownLeft > 0 {
        cooldownLeft -= 1
        badEpochs = 0
      }
      guard badEpochs > plateau.patience else { return }
      factor = max(factor * plateau.factor, plateau.finalFactor)
      cooldownLeft = plateau.cooldown
      badEpochs = 0
    }

    private func isBetter(_ value: Double, for plateau: Plateau) -> Bool {
      guard let best else { return !value.isNaN }
      let threshold = decimal(plateau.threshold)
      return plateau.metric == .loss ? value < best * (1 - threshold) : value > best * (1 + threshold)
    }
  }
}
