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

  /// Microseconds of a step.
  public var microsecondsPerStep: Double { Double(workload.batchSize) / samplesPerSecond * 1e6 }
  /// GFLOP/s.
  public var gflops: Double { flopsPerStep / microsecondsPerStep * 1e-3 }
  /// ``gflops`` as a share of ``fmaPeakGflops``, in percent.
  public var percentOfPeak: Double { 100 * gflops / fmaPeakGflops }
}

/// Times training steps on random data that lies in memory: shuffled gather, both passes, and the update.
public struct StepBenchmark {
  private let workload: Workload
  private let trainer: Trainer
  private let training: DataSubset

  /// Makes the trainer and its data; nothing is timed yet.
  ///
  /// - Throws: what ``Trainer`` and ``TrainingRuntimeError`` refuse.
  public init(_ workload: Workload, runtime: RuntimeSettings) throws {
    self.workload = workload
    trainer = try Trainer(
      workload.network, loss: workload.loss, optimizer: workload.optimizer, normalization: .none, seed: 1,
      runtime: runtime)
    training = DataSubset(allOf: try workload.dataset(seed: 2))
  }

  /// Warms up for a repeat's length, then takes `repeats` timings of about `seconds`/`repeats` each.
  public func run(seconds: Double, repeats: Int = 7) throws -> StepBenchmarkResult {
    let epochs = try epochCount(seconds: seconds / Double(repeats + 1))
    _ = try fit(epochs: epochs)
    let histories = try (0..<repeats).map { _ in try fit(epochs: epochs) }
    let rates = histories.map(\.samplesPerSecond).sorted()
    let steps = histories.reduce(0) { $0 + $1.stepCount }
    return StepBenchmarkResult(
      workload: workload, workerCount: trainer.plan?.workerCount ?? 1, samplesPerSecond: rates[repeats / 2],
      samplesPerSecondSpread: rates[repeats - 1] - rates[0], flopsPerStep: trainer.plan?.flopsPerStep ?? 0,
      fmaPeakGflops: histories.map(\.fmaPeakGflops).sorted()[repeats / 2],
      barrierNanoseconds: histories.reduce(0) { $0 + $1.phaseSeconds.barrier } / Double(steps) * 1e9,
      repeatCount: repeats)
  }

  /// Epochs that take about `seconds`, from ever longer probes.
  private func epochCount(seconds: Double) throws -> Int {
    var epochs = 1
    while true {
      let history = try fit(epochs: epochs)
      let trained = Double(history.stepCount * workload.batchSize) / history.samplesPerSecond
      if trained >= seconds / 4 || epochs >= 1 << 20 { return max(1, Int(Double(epochs) * seconds / trained)) }
      epochs *= 4
    }
  }

  private func fit(epochs: Int) throws -> History {
    try trainer.fit(training, epochs: epochs, batchSize: workload.batchSize)
  }
}
