/// What early stopping has seen of a call of `fit`.
struct EarlyStoppingWatch {
  let rule: EarlyStopping
  /// The best epoch so far, 1 for the first; nil while no epoch had a figure that is a number.
  private(set) var bestEpoch: Int?
  private var best: Double
  private var epochsWithoutBetter = 0

  init(_ rule: EarlyStopping) {
    self.rule = rule
    best = rule.monitor.isAccuracy ? -.infinity : .infinity
  }

  /// What a checkpoint keeps of it.
  struct Record: Sendable, Hashable {
    var bestEpoch: Int?
    var best: Double
    var epochsWithoutBetter: Int
  }

  /// Everything that has been seen.
  var record: Record {
    get { Record(bestEpoch: bestEpoch, best: best, epochsWithoutBetter: epochsWithoutBetter) }
    set {
      bestEpoch = newValue.bestEpoch
      best = newValue.best
      epochsWithoutBetter = newValue.epochsWithoutBetter
    }
  }

  /// Takes an epoch's report; returns whether it is the best so far.
  mutating func note(_ report: EpochReport) -> Bool {
    let value = rule.monitor.value(of: report)
    guard isBetter(value) else {
      epochsWithoutBetter += 1
      return false
    }
    best = value
    bestEpoch = report.epoch
    epochsWithoutBetter = 0
    return true
  }

  /// Whether no further epoch should begin.
  var isOver: Bool { epochsWithoutBetter >= rule.patience }

  private func isBetter(_ value: Double) -> Bool {
    rule.monitor.isAccuracy ? value > best + rule.minDelta : value < best - rule.minDelta
  }
}
