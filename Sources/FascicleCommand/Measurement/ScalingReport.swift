import Fascicle

/// A measured scaling curve, for people and for programs.
struct ScalingReport {
  let curve: ScalingCurve
  let precision: Precision
  let warnings: [String]

  /// The curve as a table with what it means below.
  var text: String {
    let workload = curve.workload
    let title =
      "\(workload.name): \(workload.layers.map(String.init).joined(separator: "-")), batch \(workload.batchSize), "
      + "\(workload.optimizer.name), \(precision.rawValue)"
    return ([title, ""] + table.lines + [""] + remarks).map { $0 + "\n" }.joined()
  }

  private var table: TextTable {
    var table = TextTable([TextTable.Alignment](repeating: .right, count: 14))
    table.add([
      "workers", "µs/step", "predicted", "speed-up", "efficiency", "forward", "backward", "gradient", "optimizer",
      "reduction", "data", "imbalance", "barrier",
    ])
    for point in curve.points {
      let result = point.result, speedup = speedup(result)
      table.add(
        [
          "\(result.workerCount)\(point.isOversubscribed ? "*" : "")",
          NumberFormat.microseconds(result.microsecondsPerStep),
          NumberFormat.microseconds(result.predictedMicrosecondsPerStep),
          speedup.map { NumberFormat.fixed($0, 2) } ?? "–",
          NumberFormat.percent(speedup.map { $0 / Double(result.workerCount) }, decimals: 0),
        ] + point.phases.shares.map { NumberFormat.percent($0.seconds / point.phases.total, decimals: 1) })
    }
    return table
  }

  private func speedup(_ result: StepBenchmarkResult) -> Double? {
    curve.oneWorkerMicroseconds.map { $0 / result.microsecondsPerStep }
  }

  private var remarks: [String] {
    var lines: [String] = []
    if let fit = curve.fit {
      lines.append(
        "serial fraction \(NumberFormat.percent(fit.serialFraction, decimals: 1)): t(T) = serial + parallel/T fitted by "
          + "least squares, off by \(NumberFormat.percent(fit.error, decimals: 1));")
      lines.append(
        fit.serialFraction > 0
          ? "by it no number of workers is more than \(NumberFormat.fixed(fit.largestSpeedup, 1)) times as fast as one."
          : "below 0 more workers did better than divide the work, as more cache may let them.")
    } else {
      lines.append("no serial fraction: it takes two numbers of workers that have a processor each.")
    }
    if curve.points.contains(where: \.isOversubscribed) {
      lines.append(
        "* more workers than the budget of \(curve.workerLimit): they share processors, and no fit has them.")
    }
    return lines + [
      "optimizer: the update alone, in a run of its own; gradient: the rest of gradient and update.",
      "imbalance: waits for workers still computing, sampled; barrier: what is left of the waits, its latency.",
    ]
  }

  /// `scaling_result`.
  var event: JSONEvent {
    JSONEvent(
      name: "scaling_result",
      fields: [
        "workload": .text(curve.workload.name), "layers": .list(curve.workload.layers.map { .whole($0) }),
        "batch": .whole(curve.workload.batchSize), "precision": .text(precision.rawValue), "predicted": .flag(false),
        "worker_limit": .whole(curve.workerLimit), "points": .list(curve.points.map(point)),
        "serial_fraction": .number(curve.fit?.serialFraction),
        "serial_microseconds": .number(curve.fit.map { $0.serialSeconds * 1e6 }),
        "parallel_microseconds": .number(curve.fit.map { $0.parallelSeconds * 1e6 }),
        "fit_error": .number(curve.fit?.error), "warnings": .warnings(warnings),
      ])
  }

  private func point(_ point: ScalingPoint) -> JSONValue {
    let result = point.result
    return .object([
      "workers": .whole(result.workerCount), "oversubscribed": .flag(point.isOversubscribed),
      "samples_per_second": .number(result.samplesPerSecond),
      "samples_per_second_spread": .number(result.samplesPerSecondSpread),
      "microseconds_per_step": .number(result.microsecondsPerStep),
      "predicted_microseconds_per_step": .number(result.predictedMicrosecondsPerStep),
      "speedup": .number(speedup(result)), "gflops": .number(result.gflops),
      "phase_microseconds": .object(
        Dictionary(uniqueKeysWithValues: point.phases.shares.map { ($0.key, .number($0.seconds * 1e6)) })),
    ])
  }
}

extension ScalingPhases {
  /// The phases by the name that JSON uses.
  fileprivate var shares: [(key: String, seconds: Double)] {
    [
      ("forward", forward), ("backward", backward), ("gradient", gradient), ("optimizer", optimizer),
      ("reduction", reduction), ("data", data), ("imbalance", imbalance), ("barrier_latency", barrierLatency),
    ]
  }

  fileprivate var total: Double { shares.reduce(0) { $0 + $1.seconds } }
}
