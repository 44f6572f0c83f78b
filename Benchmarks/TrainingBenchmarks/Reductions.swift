import Benchmark
import BenchmarkInstruments
import Fascicle

/// The workloads in which forming gradients weighs most: small batches, where workers have few samples each.
private let workloads = ["tabular", "fashion", "classic"]

/// A way to make one gradient of the workers' work.
private struct ReductionCase: Sendable {
  let name: String
  let reduction: GradientReduction
  var lanes = LaneRequest.automatic
  /// How far, relatively, its loss after a few steps may be from that of one worker that owns all parameters: by rounding
  /// where sums have another order, by more where steps overlap.
  let tolerance: Double

  static let all = [
    ReductionCase(name: "ownerComputes", reduction: .ownerComputes, tolerance: 0),
    ReductionCase(name: "segmented", reduction: .segmented, tolerance: 1e-4),
    ReductionCase(name: "segmented in 2 lanes", reduction: .segmented, lanes: .exactly(2), tolerance: 1e-4),
    ReductionCase(name: "hogwild", reduction: .hogwild, tolerance: 0.2),
  ]
}

/// Registers each reduction with each of these workloads.
func registerReductions(workerCount: Int) {
  for workload in Workload.standard where workloads.contains(workload.name) {
    for row in ReductionCase.all {
      let runtime = RuntimeSettings(workers: .exactly(workerCount), reduction: row.reduction, lanes: row.lanes)
      register(
        workload, runtime, tolerance: row.tolerance,
        name: "reduction \(row.name) \(workload.name) workers \(workerCount)")
    }
  }
}

private func register(_ workload: Workload, _ runtime: RuntimeSettings, tolerance: Double, name: String) {
  let metrics: [BenchmarkMetric] = [.nanosecondsPerStep, .gradientNanosecondsPerStep, .barrierNanosecondsPerStep]
  Benchmark.register(name, reporting: metrics, for: .seconds(1), maxIterations: 20) {
    try ReductionSession(workload, runtime, tolerance: tolerance)
  } measure: { benchmark, session in
    let history = try session.fit()
    let steps = Double(history.stepCount)
    benchmark.record(.nanosecondsPerStep, Double(workload.batchSize) / history.samplesPerSecond * 1e9)
    benchmark.record(.gradientNanosecondsPerStep, history.phaseSeconds.gradientAndUpdate / steps * 1e9)
    benchmark.record(.barrierNanosecondsPerStep, history.phaseSeconds.barrier / steps * 1e9)
  }
}

/// A trainer and enough minibatches for some tens of milliseconds.
private final class ReductionSession {
  private let workload: Workload
  private let trainer: Trainer
  private let samples: DataSubset

  init(_ workload: Workload, _ runtime: RuntimeSettings, tolerance: Double) throws {
    try TrainingCheck(workload).requireSimilarLoss(runtime, tolerance: tolerance)
    self.workload = workload
    trainer = try workload.trainer(runtime)
    samples = try workload.samples(batches: 32)
    _ = try fit()
  }

  func fit() throws -> History { try trainer.fit(samples, epochs: 1, batchSize: workload.batchSize) }
}
