import Fascicle

/// Timings of answers as a table for people.
struct InferenceTable {
  private var table = TextTable([.left, .right, .right, .right, .right, .right])

  init() { table.add(["workload", "batch", "workers", "median", "99 % below", "samples/s"]) }

  /// Adds a measurement as a row.
  mutating func add(_ result: InferenceBenchmarkResult) {
    table.add([
      result.workload.name, "\(result.batchSize)", "\(result.workerCount)",
      NumberFormat.duration(result.latencyMicroseconds50 * 1e-6),
      NumberFormat.duration(result.latencyMicroseconds99 * 1e-6), NumberFormat.rate(result.samplesPerSecond),
    ])
  }

  /// The table.
  var text: String { table.lines.map { $0 + "\n" }.joined() }
}

extension InferenceBenchmarkResult {
  /// `inference_result`.
  func event(warnings: [String]) -> JSONEvent {
    JSONEvent(
      name: "inference_result",
      fields: [
        "workload": .text(workload.name), "layers": .list(workload.layers.map { .whole($0) }),
        "batch": .whole(batchSize), "workers": .whole(workerCount), "calls": .whole(callCount),
        "latency_microseconds_p50": .number(latencyMicroseconds50),
        "latency_microseconds_p99": .number(latencyMicroseconds99), "samples_per_second": .number(samplesPerSecond),
        "warnings": .warnings(warnings),
      ])
  }
}
