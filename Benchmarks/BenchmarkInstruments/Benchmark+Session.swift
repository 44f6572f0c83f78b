public import Benchmark
import Glibc

extension Benchmark {
  /// Registers a benchmark that makes a session, which checks what will be measured, and then measures again and again.
  ///
  /// The runner starts a process for each benchmark. An error of either closure ends it with the error's sentence and a
  /// status of failure, so that the whole run fails: the library itself would note it and call the run a success.
  /// - Parameters:
  ///   - metrics: what `measure` records.
  ///   - maxDuration: when to stop repeating.
  ///   - maxIterations: how often to repeat at most.
  ///   - make: checks and makes; its time does not count.
  ///   - measure: takes one sample of every metric.
  public static func register<Session>(
    _ name: String, reporting metrics: [BenchmarkMetric], for maxDuration: Duration, maxIterations: Int = 200,
    make: @escaping () throws -> Session, measure: @escaping (Benchmark, Session) throws -> Void
  ) {
    let configuration = Benchmark.Configuration(
      metrics: metrics, units: Dictionary(uniqueKeysWithValues: metrics.map { ($0, .count) }), warmupIterations: 0,
      maxDuration: maxDuration, maxIterations: maxIterations)
    Benchmark(name, configuration: configuration) { benchmark, session in
      orFail(name) { try measure(benchmark, session) }
    } setup: {
      orFail(name, make)
    }
  }

  /// Records a figure, rounded to a whole number.
  public func record(_ metric: BenchmarkMetric, _ value: Double) {
    measurement(metric, Int(value.rounded()))
  }

  private static func orFail<Result>(_ name: String, _ body: () throws -> Result) -> Result {
    do {
      return try body()
    } catch {
      let sentence = "\(name): \(error)\n"
      write(STDERR_FILENO, sentence, sentence.utf8.count)
      exit(EXIT_FAILURE)
    }
  }
}
