import TrainingData
import WorkerTeam

/// What timing a workload gave.
public struct StepBenchmarkResult: Sendable {
  /// The workload.
  public let workload: Workload
  /// Workers that ran.
  public let workerCount: Int
  /// Samples a second: the median of the repeats.
  public let samplesPerSecond: Double
  /// Samples a second: largest less smallest of the repeats.
  public let samplesPerSecondSpread: Double
  /// FLOP of a step.
  public let flopsPerStep: Double
  /// The peak of fused multiply-adds of all workers, measured between the repeats, in GFLOP/s.
  public let fmaPeakGflops: Double
  /// Nanoseconds of a step that a worker waits in barriers, on average.
  public let barrierNanoseconds: Double
  /// Repeats that the median is of.
  public let repeatCount: Int
  /// Microseconds of a step as the cost model predicts it from the machine's rates.
  public let predictedMicrosecondsPerStep: Double
  /// Where the time of a step went, in seconds: the mean over workers and repeats.
  public let phasesPerStep: PhaseSeconds
  /// The part of ``barrierNanoseconds`` in which other workers were still computing, of sampled steps.
  public let imbalanceNanoseconds: Double

  /// Microseconds of a step.
  public var microsecondsPerStep: Double { Double(workload.batchSize) / samplesPerSecond * 1e6 }
  /// GFLOP/s.
  public var gflops: Double { flopsPerStep / microsecondsPerStep * 1e-3 }
  /// ``gflops`` as a share of ``fmaPeakGflops``, in percent.
  public var percentOfPeak: Double { 100 * gflops / fmaPeakGflops }
}

/// Times training steps on random data that lies in memory: shuffled gather, both passes, and the update.
public struct StepBenchmark {
  let workload: Workload
  let trainer: Trainer
  private let training: DataSubset

  /// Makes the trainer and its data; nothing is timed yet.
  ///
  /// - Throws: what ``Trainer`` and ``TrainingRuntimeError`` refuse.
  public init(_ workload: Workload, runtime: RuntimeSettings) throws {
    self.init(
      workload, trainer: try workload.trainer(runtime: runtime), data: DataSubset(allOf: try workload.dataset(seed: 2)))
  }

  /// The same with a trainer of the workload, on samples that several benchmarks share.
  init(_ workload: Workload, trainer: Trainer, data: DataSubset) {
    self.workload = workload
    self.trainer = trainer
    // A step alone; what watching a run costs is told by each run itself.
    trainer.diagnosis = .off
    training = data
  }

  /// Warms up for a repeat's length, then takes `repeats` timings of about `seconds`/`repeats` each.
  public func run(seconds: Double, repeats: Int = 7) throws -> StepBenchmarkResult {
    // Before anything is timed: where the machine's rates are not known, this measures them.
    let predicted = try predictedSeconds()
    let epochs = try epochCount(seconds: seconds / Double(repeats + 1))
    _ = try fit(epochs: epochs)
    let (histories, peaks) = try timings(epochs: epochs, repeats: repeats)
    let rates = histories.map(\.samplesPerSecond).sorted()
    let steps = Double(histories.reduce(0) { $0 + $1.stepCount })
    let phases = histories.reduce(into: PhaseSeconds()) { $0 += $1.phaseSeconds }
    return StepBenchmarkResult(
      workload: workload, workerCount: trainer.plan?.workerCount ?? 1, samplesPerSecond: rates[repeats / 2],
      samplesPerSecondSpread: rates[repeats - 1] - rates[0], flopsPerStep: trainer.plan?.flopsPerStep ?? 0,
      fmaPeakGflops: peaks.sorted()[repeats / 2], barrierNanoseconds: phases.barrier / steps * 1e9,
      repeatCount: repeats, predictedMicrosecondsPerStep: predicted * 1e6,
      phasesPerStep: phases.scaled(to: phases.total / steps),
      imbalanceNanoseconds: histories.map(\.imbalanceNanosecondsPerStep).sorted()[repeats / 2])
  }

  /// The peak is measured between the repeats, for it drifts as they do.
  private func timings(epochs: Int, repeats: Int) throws -> ([History], [Double]) {
    var histories: [History] = [], peaks: [Double] = []
    for _ in 0..<repeats {
      histories.append(try fit(epochs: epochs))
      peaks.append(try trainer.measureFMAPeak())
    }
    return (histories, peaks)
  }

  private func predictedSeconds() throws -> Double {
    let plan = try trainer.plan(for: training, batchSize: workload.batchSize)
    let model = try trainer.costModel(batchSize: plan.batchSize, measures: true)
    return model?.step(workers: plan.workerCount).seconds ?? .nan
  }

  /// Epochs that take about `seconds`, from ever longer probes.
  func epochCount(seconds: Double) throws -> Int {
    var epochs = 1
    while true {
      let history = try fit(epochs: epochs)
      let trained = Double(history.stepCount * workload.batchSize) / history.samplesPerSecond
      if trained >= seconds / 4 || epochs >= 1 << 20 { return max(1, Int(Double(epochs) * seconds / trained)) }
      epochs *= 4
    }
  }

  func fit(epochs: Int) throws -> History {
    try trainer.fit(training, epochs: epochs, batchSize: workload.batchSize)
  }
}
