import TrainingData
import WorkerTeam

/// Steps of small and large networks with one worker, with all, and with as many as the runtime chooses, to see
/// whether it is ever slower than one.
public struct WorkerSweep: Sendable {
  /// Hidden and input widths, each of them with each of the batch sizes.
  public let widths: [Int]
  /// Samples of a step.
  public let batchSizes: [Int]
  /// About the seconds of measurement for each point.
  public let secondsPerPoint: Double

  /// A sweep of your own.
  public init(widths: [Int], batchSizes: [Int], secondsPerPoint: Double) {
    self.widths = widths
    self.batchSizes = batchSizes
    self.secondsPerPoint = secondsPerPoint
  }

  /// Widths 8 to 4096 and batches 1 to 2048 by powers of two; about five minutes.
  public static let full = WorkerSweep(
    widths: (3...12).map { 1 << $0 }, batchSizes: (0...11).map { 1 << $0 }, secondsPerPoint: 1.8)
  /// Every other power or so of the same ranges; about a minute.
  public static let quick = WorkerSweep(
    widths: [8, 32, 128, 512, 2048], batchSizes: [1, 8, 32, 128, 512, 2048], secondsPerPoint: 1.5)

  /// Points whose step would take one worker longer than this are left out: they are worth any number of workers.
  public static let longestStepSeconds = 1.0
  /// What automatic workers may lose on one by the bar that the sweep is held to.
  public static let bar = 0.97

  /// What a point of the sweep gave.
  public struct Point: Sendable {
    /// The network and the batch: two hidden layers of one width, and ten outputs.
    public let workload: Workload
    /// Samples a second with one worker.
    public let oneWorker: Double
    /// Samples a second with all workers that the budget allows.
    public let allWorkers: Double
    /// Samples a second with automatic workers.
    public let automatic: Double
    /// Workers that the plan chose.
    public let chosenCount: Int
    /// Workers that most of the last automatic steps ran with.
    public let usedCount: Int
    /// Microseconds of a step as predicted for the chosen number.
    public let predictedMicrosecondsPerStep: Double

    /// How automatic workers compare with one; the medians of what was measured side by side.
    public let automaticRatio: Double
    /// How all workers compare with one.
    public let allRatio: Double
  }

  /// Measures every point, smallest first; `report` is told each as it comes, nil for one that is left out.
  ///
  /// - Throws: what ``Trainer`` refuses.
  public func run(runtime: RuntimeSettings, report: (Workload, Point?) throws -> Void) throws {
    for width in widths {
      for batchSize in batchSizes {
        let workload = Workload(
          name: "\(width)×\(batchSize)", layers: [width, width, width, 10], batchSize: batchSize)
        try report(workload, try point(workload, runtime: runtime))
      }
    }
  }

  private func point(_ workload: Workload, runtime: RuntimeSettings) throws -> Point? {
    func trainer(_ workers: WorkerRequest) throws -> Trainer {
      var runtime = runtime
      runtime.workers = workers
      return try workload.trainer(runtime: runtime)
    }
    let automatic = try trainer(.automatic)
    let model = try automatic.costModel(batchSize: workload.batchSize, measures: true)
    guard (model?.step(workers: 1).seconds ?? 0) <= Self.longestStepSeconds else { return nil }
    let data = DataSubset(allOf: try workload.dataset(seed: 2))
    let trainers = [try trainer(.exactly(1)), try trainer(.exactly(automatic.budget.limit)), automatic]
    var measurement = SideBySide(trainers.map { StepBenchmark(workload, trainer: $0, data: data) })
    try measurement.run(seconds: secondsPerPoint)
    let history = measurement.lastHistory
    return Point(
      workload: workload, oneWorker: measurement.median(0), allWorkers: measurement.median(1),
      automatic: measurement.median(2), chosenCount: automatic.plan?.workerCount ?? 1,
      usedCount: history?.workerPaces.max { $0.stepCount < $1.stepCount }?.workerCount ?? 1,
      predictedMicrosecondsPerStep: (automatic.plan?.predictedStepSeconds ?? .nan) * 1e6,
      automaticRatio: measurement.medianRatio(2, to: 0), allRatio: measurement.medianRatio(1, to: 0))
  }
}

/// Benchmarks measured by turns, so that what slows the machine down for a while slows down all of them.
struct SideBySide {
  private let benchmarks: [StepBenchmark]
  private var rates: [[Double]]
  /// What the last benchmark's last run was.
  private(set) var lastHistory: History?

  init(_ benchmarks: [StepBenchmark]) {
    self.benchmarks = benchmarks
    rates = benchmarks.map { _ in [] }
  }

  /// Five rounds by turns in about `seconds`, or fewer where a round takes longer than its share.
  mutating func run(seconds: Double) throws {
    let rounds = 5, share = seconds / Double((rounds + 1) * benchmarks.count)
    let start = MonotonicTime.nanoseconds()
    let epochs = try benchmarks.map { try $0.epochCount(seconds: share) }
    for round in 0..<rounds {
      let passed = Double(MonotonicTime.nanoseconds() - start) * 1e-9
      if round > 0, passed * Double(round + 2) / Double(round + 1) > 2 * seconds { break }
      for (index, benchmark) in benchmarks.enumerated() {
        let history = try benchmark.fit(epochs: epochs[index])
        rates[index].append(history.samplesPerSecond)
        lastHistory = history
      }
    }
  }

  /// The median rate of a benchmark.
  func median(_ index: Int) -> Double { Self.median(rates[index]) }

  /// The median over the rounds of how a benchmark compares with another in the same round.
  func medianRatio(_ index: Int, to other: Int) -> Double {
    Self.median(zip(rates[index], rates[other]).map { $0 / $1 })
  }

  private static func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }
}
