import Fascicle

/// A sweep while it runs: a line for each width, and at last where it did worst.
struct SweepReport {
  private var points: [WorkerSweep.Point] = []
  private var skipped = 0

  /// Takes a point, nil for one that was left out.
  mutating func add(_ point: WorkerSweep.Point?) {
    if let point { points.append(point) } else { skipped += 1 }
  }

  /// The head of the table that `line` continues.
  static let head = Self.line([
    "width", "batch", "one worker/s", "all/one", "auto/one", "chosen", "used", "µs/step", "predicted",
  ])

  /// A point as a line of the table, which is written while the sweep runs.
  static func line(_ point: WorkerSweep.Point) -> String {
    let microseconds = Double(point.workload.batchSize) / point.automatic * 1e6
    return line([
      "\(point.workload.layers[0])", "\(point.workload.batchSize)", NumberFormat.rate(point.oneWorker),
      NumberFormat.fixed(point.allRatio, 2), NumberFormat.fixed(point.automaticRatio, 2), "\(point.chosenCount)",
      "\(point.usedCount)", NumberFormat.microseconds(microseconds),
      NumberFormat.microseconds(point.predictedMicrosecondsPerStep),
    ]) + (point.automaticRatio < WorkerSweep.bar ? "  below \(WorkerSweep.bar)" : "")
  }

  /// A row of columns that are as wide as their widest cell can be, for nobody knows yet what will come.
  private static func line(_ cells: [String]) -> String {
    cells.map { TextTable.pad($0, to: 13, .right) }.joined()
  }

  /// What the sweep says of the promise "never slower than one worker".
  var summary: String {
    guard let worst = points.min(by: { $0.automaticRatio < $1.automaticRatio }) else { return "nothing was measured\n" }
    let below = points.count { $0.automaticRatio < WorkerSweep.bar }
    let ratios = points.map(\.automaticRatio).sorted()
    return """

      minimum  \(NumberFormat.fixed(worst.automaticRatio, 3)) of one worker, at width \(worst.workload.layers[0]) \
      and batch \(worst.workload.batchSize)
      median   \(NumberFormat.fixed(ratios[ratios.count / 2], 2)), \(below) of \(points.count) points below \
      \(WorkerSweep.bar), \(skipped) left out (a step of more than a second)

      """
  }

  /// `sweep_end`.
  var event: JSONEvent {
    let worst = points.min { $0.automaticRatio < $1.automaticRatio }
    return JSONEvent(
      name: "sweep_end",
      fields: [
        "points": .whole(points.count), "skipped": .whole(skipped), "bar": .number(WorkerSweep.bar),
        "below_bar": .whole(points.count { $0.automaticRatio < WorkerSweep.bar }),
        "minimum_ratio": .number(worst?.automaticRatio),
        "minimum_width": .number(worst.map { Double($0.workload.layers[0]) }),
        "minimum_batch": .number(worst.map { Double($0.workload.batchSize) }),
      ])
  }
}

extension WorkerSweep.Point {
  /// `sweep_point`.
  func event(warnings: [String]) -> JSONEvent {
    JSONEvent(
      name: "sweep_point",
      fields: [
        "layers": .list(workload.layers.map { .whole($0) }), "batch": .whole(workload.batchSize),
        "one_worker_samples_per_second": .number(oneWorker), "all_workers_samples_per_second": .number(allWorkers),
        "automatic_samples_per_second": .number(automatic), "automatic_ratio": .number(automaticRatio),
        "all_ratio": .number(allRatio), "chosen_workers": .whole(chosenCount), "used_workers": .whole(usedCount),
        "predicted_microseconds_per_step": .number(predictedMicrosecondsPerStep), "warnings": .warnings(warnings),
      ])
  }
}
