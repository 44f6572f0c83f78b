import Benchmark
import BenchmarkInstruments
import Fascicle

/// The workloads in which forming gradients weighs most: small batches, where workers have few samples each.
private let workloads = ["tabular", "fashion", "classic"]

/// Every way to make one gradient of the workers' work, and how far, relatively, its loss after a few steps may be from
/// that of one worker that owns all parameters: by rounding only, where sums have another order.
private let reductions: [(reduction: GradientReduction, tolerance: Double)] = [
  (.ownerComputes, 0)
]

/// Registers each reduction with each of these workloads.
func registerReductions(workerCount: Int) {
  for workload in Workload.standard where workloads.contains(workload.name) {
    for (reduction, tolerance) in reductions {
      register(
        workload, RuntimeSettings(workers: .exactly(workerCount), reduction: reduction), tolerance: tolerance,
        name: "reduction \(reduction.rawValue) \(workload.name) workers \(workerCount)")
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
