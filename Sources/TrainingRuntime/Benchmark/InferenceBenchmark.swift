import NeuronKernels
import PerceptronModel
import WorkerTeam

/// What timing a workload's answers gave.
public struct InferenceBenchmarkResult: Sendable {
  /// The workload.
  public let workload: Workload
  /// Samples of a call.
  public let batchSize: Int
  /// Workers of the predictor; a call with little work runs on the calling thread alone.
  public let workerCount: Int
  /// Microseconds that half of the calls stayed below.
  public let latencyMicroseconds50: Double
  /// Microseconds that 99 of 100 calls stayed below.
  public let latencyMicroseconds99: Double
  /// Samples a second over all calls.
  public let samplesPerSecond: Double
  /// Calls that were timed.
  public let callCount: Int
}

/// Times calls of a predictor, one after the other, on random samples and random weights: what a program waits for that
/// asks with its data in memory.
public struct InferenceBenchmark {
  private let workload: Workload
  private let predictor: Predictor
  private let samples: [Float]

  /// The batch sizes that reports compare: the latency of one sample and the throughput of many.
  public static let standardBatchSizes = [1, 1024]
  /// Different samples that calls take turns with.
  private static let sampleCount = 4096

  /// Makes the predictor and its samples; nothing is timed yet.
  ///
  /// - Throws: what ``Predictor`` refuses.
  public init(_ workload: Workload, runtime: RuntimeSettings) throws {
    let program = try NetworkProgram(workload.network, loss: workload.loss)
    let parameters = try FrozenParameters(program) { program.initialize($0, seed: 1) }
    self.workload = workload
    predictor = try Predictor(
      TrainedModel(parameters: parameters, transform: .identity(featureCount: program.inputCount)), runtime: runtime)
    var random = PhiloxStream(seed: 2, stream: 0)
    samples = (0..<Self.sampleCount * program.inputCount).map { _ in 2 * random.nextUnitFloat() - 1 }
  }

  /// Warms up, then times calls for about `seconds`, at least ten of them.
  public func run(batchSize: Int, seconds: Double) throws -> InferenceBenchmarkResult {
    let batchSize = min(batchSize, Self.sampleCount)
    var answers = [Float](repeating: 0, count: batchSize * predictor.outputCount)
    _ = try time(batchSize, seconds: seconds / 10, into: &answers)
    let nanoseconds = try time(batchSize, seconds: seconds, into: &answers).sorted()
    func percentile(_ share: Double) -> Double {
      Double(nanoseconds[Int(share * Double(nanoseconds.count - 1))]) * 1e-3
    }
    let total = nanoseconds.reduce(0) { $0 + Double($1) } * 1e-9
    return InferenceBenchmarkResult(
      workload: workload, batchSize: batchSize, workerCount: predictor.workerCount,
      latencyMicroseconds50: percentile(0.5), latencyMicroseconds99: percentile(0.99),
      samplesPerSecond: Double(nanoseconds.count * batchSize) / total, callCount: nanoseconds.count)
  }

  /// The nanoseconds of each call.
  private func time(_ batchSize: Int, seconds: Double, into answers: inout [Float]) throws -> [UInt64] {
    let start = MonotonicTime.nanoseconds(), width = predictor.featureCount
    var times: [UInt64] = [], first = 0, now = start
    var span = answers.mutableSpan
    while times.count < 10 || Double(now - start) < seconds * 1e9 {
      let before = MonotonicTime.nanoseconds()
      try predictor.predict(samples.span.extracting(first * width..<(first + batchSize) * width), into: &span)
      now = MonotonicTime.nanoseconds()
      times.append(now - before)
      first = first + 2 * batchSize <= Self.sampleCount ? first + batchSize : 0
    }
    return times
  }
}
