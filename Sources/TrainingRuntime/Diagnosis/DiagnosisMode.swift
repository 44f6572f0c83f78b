/// How closely a run is watched for sick layers.
public enum DiagnosisMode: Sendable, Hashable {
  /// Not at all.
  case off
  /// In every 64th step and at both ends of an epoch; short epochs once in 32 steps. Costs less than a fiftieth of a step.
  case sampled
  /// In about this many steps of every epoch, evenly spread; all of them where there are no more.
  case steps(perEpoch: Int)
}

/// Which steps of a call of `fit` are looked at: decided by their numbers alone, so that no clock and no number of workers
/// changes a figure.
struct SampledSteps {
  let mode: DiagnosisMode
  let stepsPerEpoch: Int
  /// Steps of this call before the epoch.
  let stepsBefore: Int
  /// The last step of this call that was looked at, counted from its first; nil before any.
  let lastSampled: Int?

  /// Steps between looks at a long epoch, and the least number between looks at the ends of short ones.
  static let period = 64, shortPeriod = 32

  func contains(_ step: Int) -> Bool {
    let isLast = step == stepsPerEpoch - 1
    switch mode {
    case .off: return false
    case .steps(let count):
      let period = max(1, stepsPerEpoch / max(1, count))
      return isLast || (step + 1) % period == 0
    case .sampled:
      if stepsPerEpoch >= 2 * Self.period { return isLast || step == 0 || (step + 1) % Self.period == 0 }
      return isLast && (lastSampled.map { stepsBefore + step - $0 >= Self.shortPeriod } ?? true)
    }
  }

  /// The first step from `step` on that is looked at; the epoch's end when none is.
  func next(from step: Int) -> Int {
    var candidate = step
    while candidate < stepsPerEpoch, !contains(candidate) { candidate += 1 }
    return candidate
  }
}
