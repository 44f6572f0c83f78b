import Fascicle

/// Measurements as a table for people.
struct BenchTable {
  private var table = TextTable([.left] + [TextTable.Alignment](repeating: .right, count: 10))

  init() {
    table.add([
      "workload", "batch", "workers", "samples/s", "±", "µs/step", "predicted", "GFLOP/s", "FMA peak", "share",
      "barrier µs",
    ])
  }

  /// Adds a measurement as a row.
  mutating func add(_ result: StepBenchmarkResult) {
    table.add([
      result.workload.name, "\(result.workload.batchSize)", "\(result.workerCount)",
      NumberFormat.rate(result.samplesPerSecond),
      NumberFormat.percent(result.samplesPerSecondSpread / 2 / result.samplesPerSecond, decimals: 1),
      NumberFormat.microseconds(result.microsecondsPerStep),
      NumberFormat.microseconds(result.predictedMicrosecondsPerStep),
      NumberFormat.fixed(result.gflops, 1), NumberFormat.fixed(result.fmaPeakGflops, 1),
      NumberFormat.percent(result.percentOfPeak / 100, decimals: 1),
      NumberFormat.fixed(result.barrierNanoseconds / 1000, 1),
    ])
  }

  /// The table.
  var text: String { table.lines.map { $0 + "\n" }.joined() }
}

extension StepBenchmarkResult {
  /// `result`.
  func event(precision: Precision, warnings: [String]) -> JSONEvent {
    JSONEvent(
      name: "result",
      fields: [
        "workload": .text(workload.name), "layers": .list(workload.layers.map { .whole($0) }),
        "batch": .whole(workload.batchSize), "precision": .text(precision.rawValue), "workers": .whole(workerCount),
        "samples_per_second": .number(samplesPerSecond),
        "samples_per_second_spread": .number(samplesPerSecondSpread),
        "microseconds_per_step": .number(microsecondsPerStep),
        "predicted_microseconds_per_step": .number(predictedMicrosecondsPerStep), "gflops": .number(gflops),
        "fma_peak_gflops": .number(fmaPeakGflops), "percent_of_peak": .number(percentOfPeak),
        "barrier_nanoseconds": .number(barrierNanoseconds), "warnings": .warnings(warnings),
      ])
  }
}
