import PerceptronModel

/// How closely a run is watched for sick layers.
public enum DiagnosisMode: Sendable, Hashable {
  /// Not at all.
  case off
  /// In every 64th step of a long epoch and at its end, more rarely where steps are so short that looking would cost more than
  /// a fiftieth of them; at the end of the first and the last epoch whatever it costs.
  case sampled
  /// In about this many steps of every epoch, evenly spread; all of them where there are no more.
  case steps(perEpoch: Int)
}

/// Which steps of a call of `fit` are looked at: decided by their numbers and the network's size alone, so that no clock and
/// no number of workers changes a figure.
struct SampledSteps {
  let mode: DiagnosisMode
  /// Steps between looks of the mode `sampled`.
  let spacing: Int
  let stepsPerEpoch: Int
  /// Steps of this call before the epoch, and in all.
  let stepsBefore: Int, totalSteps: Int
  /// The last step of this call that was looked at, counted from its first; nil before any.
  let lastSampled: Int?

  func contains(_ step: Int) -> Bool {
    let isLast = step == stepsPerEpoch - 1
    switch mode {
    case .off: return false
    case .steps(let count):
      let period = max(1, stepsPerEpoch / max(1, count))
      return isLast || (step + 1) % period == 0
    case .sampled:
      if stepsPerEpoch >= 2 * spacing { return isLast || (step + 1) % spacing == 0 }
      guard isLast, let lastSampled, stepsBefore + step + 1 < totalSteps else { return isLast }
      return stepsBefore + step - lastSampled >= spacing
    }
  }

  /// The first step from `step` on that is looked at; the epoch's end when none is.
  func next(from step: Int) -> Int {
    var candidate = step
    while candidate < stepsPerEpoch, !contains(candidate) { candidate += 1 }
    return candidate
  }

  /// Steps between looks that keep looking below a fiftieth of the steps' time; 64 but for small networks.
  ///
  /// The figures are rough and on the safe side: a step's time at 50 GFLOP/s and 2 µs, a look's at 1 ns for a value and
  /// 25 µs for waking the workers once more.
  static func spacing(_ program: NetworkProgram, batchSize: Int) -> Int {
    let step = 2_000 + program.flopsPerStep(sampleCount: batchSize) / 50
    let values = program.stages.reduce(0.0) { $0 + Double($1.outputCount) * Double(batchSize) }
    return max(64, Int(min(1e9, 75 * (25_000 + values) / step)))
  }
}
