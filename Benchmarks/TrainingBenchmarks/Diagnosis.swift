import Benchmark
import BenchmarkInstruments
import Fascicle

/// The workloads whose steps are short enough for a look to weigh something.
private let workloads = ["tiny", "tabular", "fashion", "classic", "deep"]

/// Registers what watching a run for sick layers costs, as the driver does unless told otherwise.
func registerDiagnosis(workerCount: Int) {
  let metrics: [BenchmarkMetric] = [.nanosecondsPerStep, .diagnosisPartsPerMillion]
  for workload in Workload.standard where workloads.contains(workload.name) {
    let runtime = RuntimeSettings(workers: .exactly(workerCount))
    let name = "diagnosis \(workload.name) workers \(workerCount)"
    Benchmark.register(name, reporting: metrics, for: .seconds(5), maxIterations: 10) {
      try DiagnosisSession(workload, runtime)
    } measure: { benchmark, session in
      let history = try session.fit()
      benchmark.record(.nanosecondsPerStep, Double(workload.batchSize) / history.samplesPerSecond * 1e9)
      let phases = history.phaseSeconds
      benchmark.record(.diagnosisPartsPerMillion, phases.diagnosis / phases.total * 1e6)
    }
  }
}

/// A watched trainer, and epochs enough to share out the looks at the ends of the first and the last one.
private final class DiagnosisSession {
  private static let batchCount = 16, leastEpochs = 5, leastSeconds = 0.25

  private let workload: Workload
  private let samples: DataSubset
  private let trainer: Trainer
  private var epochs = DiagnosisSession.leastEpochs

  /// Expects the bits of the same run unwatched.
  init(_ workload: Workload, _ runtime: RuntimeSettings) throws {
    self.workload = workload
    samples = try workload.samples(batches: Self.batchCount)
    trainer = try workload.trainer(runtime)
    trainer.diagnosis = .sampled
    let unwatched = try workload.trainer(runtime)
    unwatched.diagnosis = .off
    let seconds = try fit().seconds
    _ = try unwatched.fit(samples, epochs: epochs, batchSize: workload.batchSize)
    guard trainer.weightsSHA256() == unwatched.weightsSHA256() else {
      throw WrongResult("\(workload.name): expected the same parameters whether a run is watched or not")
    }
    epochs = max(epochs, Int(Self.leastSeconds / max(1e-6, seconds) * Double(epochs)))
  }

  func fit() throws -> History { try trainer.fit(samples, epochs: epochs, batchSize: workload.batchSize) }
}
