import Fascicle

/// A predicted scaling curve, for people and for programs; both say that nobody measured it.
struct ForecastReport {
  let forecast: ScalingForecast
  let precision: Precision
  let warnings: [String]

  /// The curve as a table.
  var text: String {
    let workload = forecast.workload
    let lines = [
      "\(workload.name): \(workload.layers.map(String.init).joined(separator: "-")), batch \(workload.batchSize), "
        + workload.optimizer.name,
      "PREDICTED, not measured, for \(forecast.machine)", "",
    ]
    return (lines + table.lines + [""] + remarks).map { $0 + "\n" }.joined()
  }

  private var table: TextTable {
    var table = TextTable([.right, .right, .right, .right, .right, .left])
    table.add(["workers", "predicted µs/step", "speed-up", "efficiency", "barriers µs", "samples shared"])
    for point in forecast.points {
      let speedup = speedup(point)
      table.add([
        "\(point.workerCount)", NumberFormat.microseconds(point.microsecondsPerStep), NumberFormat.fixed(speedup, 2),
        NumberFormat.percent(speedup / Double(point.workerCount), decimals: 0),
        NumberFormat.fixed(point.barrierMicroseconds, 1), "\(point.split)",
      ])
    }
    return table
  }

  private func speedup(_ point: ScalingForecast.Point) -> Double {
    forecast.oneWorkerMicroseconds / point.microsecondsPerStep
  }

  private var remarks: [String] {
    let errors = forecast.checks.map { "\(NumberFormat.signedPercent($0.error)) with \($0.workerCount)" }
    return [
      "The cores are taken to be those of this machine, on which the model was off by \(errors.joined(separator: ", ")).",
      "Behind another cache or memory node, waits are assumed to be 4 and 8 times as long (decision 0014).",
    ]
  }

  /// `scaling_result`, marked as predicted.
  var event: JSONEvent {
    JSONEvent(
      name: "scaling_result",
      fields: [
        "workload": .text(forecast.workload.name), "layers": .list(forecast.workload.layers.map { .whole($0) }),
        "batch": .whole(forecast.workload.batchSize), "precision": .text(precision.rawValue), "predicted": .flag(true),
        "topology": forecast.machine.json, "points": .list(forecast.points.map(point)),
        "checks": .list(forecast.checks.map(check)), "warnings": .warnings(warnings),
      ])
  }

  private func point(_ point: ScalingForecast.Point) -> JSONValue {
    .object([
      "workers": .whole(point.workerCount), "predicted_microseconds_per_step": .number(point.microsecondsPerStep),
      "speedup": .number(speedup(point)), "barrier_microseconds": .number(point.barrierMicroseconds),
      "phase_a": .text("\(point.split)"),
    ])
  }

  private func check(_ check: ScalingForecast.Check) -> JSONValue {
    .object([
      "workers": .whole(check.workerCount), "microseconds_per_step": .number(check.measuredMicroseconds),
      "predicted_microseconds_per_step": .number(check.predictedMicroseconds), "error": .number(check.error),
    ])
  }
}
