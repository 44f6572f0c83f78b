import Fascicle

/// A diagnosis as tables, sentences and JSON.
enum DiagnosisLines {
  /// What an epoch's sampled steps have shown of every layer.
  static func table(_ diagnosis: EpochDiagnosis) -> [String] {
    var table = TextTable([.left, .right, .right, .right, .right, .right, .right])
    table.add(["layer", "units", "dead", "saturated", "activation", "gradient", "update/weight"])
    for layer in diagnosis.layers {
      table.add([
        layer.name, NumberFormat.grouped(layer.unitCount), dead(layer),
        share(layer.saturatedUnits, of: layer.unitCount),
        moments(layer.activationMean, layer.activationDeviation),
        layer.gradientMean.map { moments($0, layer.gradientDeviation ?? 0) } ?? "–",
        layer.updateRatio.map { NumberFormat.scientific($0) } ?? "–",
      ])
    }
    return table.lines
  }

  /// A number is an upper bound until it is confirmed on all of the epoch's samples.
  private static func dead(_ layer: LayerDiagnosis) -> String {
    let text = share(layer.deadUnits, of: layer.unitCount)
    guard let dead = layer.deadUnits, dead > 0, !layer.deadUnitsAreConfirmed else { return text }
    return "≤ " + text
  }

  private static func share(_ count: Int?, of total: Int) -> String {
    NumberFormat.percent(count.map { Double($0) / Double(max(1, total)) }, decimals: 0)
  }

  /// Mean and standard deviation with three digits.
  private static func moments(_ mean: Double, _ deviation: Double) -> String {
    "\(number(mean)) ± \(number(deviation))"
  }

  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let size = abs(value), sign = value < 0 ? "−" : ""
    if size == 0 { return "0" }
    return sign + (size >= 0.001 && size < 1000 ? NumberFormat.fixed(size, 3) : NumberFormat.scientific(size))
  }

  /// The values that led to a loss that is not finite.
  static func ranges(_ divergence: DivergenceReport) -> [String] {
    var table = TextTable([.left, .right, .right, .right])
    table.add(["values in the bad step", "least", "largest", "not finite"])
    for range in divergence.ranges {
      table.add([
        range.name, range.finite.map { number(Double($0.lowerBound)) } ?? "–",
        range.finite.map { number(Double($0.upperBound)) } ?? "–", NumberFormat.grouped(range.badCount),
      ])
    }
    return table.lines
  }

  /// A diagnosis for an event; null for none.
  static func json(_ diagnosis: EpochDiagnosis?) -> JSONValue {
    guard let diagnosis else { return .number(nil) }
    return .object([
      "sampled_steps": .whole(diagnosis.sampledSteps), "layers": .list(diagnosis.layers.map(json)),
      "verdicts": .list(diagnosis.verdicts.map(json)),
    ])
  }

  private static func json(_ layer: LayerDiagnosis) -> JSONValue {
    func whole(_ count: Int?) -> JSONValue { count.map { .whole($0) } ?? .number(nil) }
    return .object([
      "name": .text(layer.name), "activation": .text(layer.activation), "units": .whole(layer.unitCount),
      "dead_units": whole(layer.deadUnits), "dead_units_confirmed": .flag(layer.deadUnitsAreConfirmed),
      "saturated_units": whole(layer.saturatedUnits), "saturated_share": .number(layer.saturatedShare),
      "activation_mean": .number(layer.activationMean), "activation_deviation": .number(layer.activationDeviation),
      "gradient_mean": .number(layer.gradientMean), "gradient_deviation": .number(layer.gradientDeviation),
      "update_ratio": .number(layer.updateRatio),
    ])
  }

  private static func json(_ verdict: DiagnosisVerdict) -> JSONValue {
    .object([
      "kind": .text(verdict.kind.rawValue), "layer": .text(verdict.layer), "since_epoch": .whole(verdict.sinceEpoch),
      "message": .text(verdict.message),
    ])
  }
}

extension DivergenceReport {
  /// `diverged`.
  func event(_ error: TrainingRuntimeError) -> JSONEvent {
    func whole(_ number: Int?) -> JSONValue { number.map { .whole($0) } ?? .number(nil) }
    return JSONEvent(
      name: "diverged",
      fields: [
        "message": .text(error.description), "epoch": .whole(epoch), "step": .whole(step),
        "phase": .text(phase.rawValue), "layer": layer.map { .text($0) } ?? .number(nil), "unit": whole(unit),
        "row": whole(row), "value": .text("\(value)"),
        "ranges": .list(
          ranges.map { range in
            .object([
              "name": .text(range.name), "least": .number(range.finite.map { Double($0.lowerBound) }),
              "largest": .number(range.finite.map { Double($0.upperBound) }), "not_finite": .whole(range.badCount),
            ])
          }),
      ])
  }
}

extension RollBack {
  /// `rolled_back`.
  var event: JSONEvent {
    JSONEvent(
      name: "rolled_back",
      fields: ["epoch": .whole(epoch), "message": .text(message), "rate_factor": .single(rateFactor)])
  }
}
