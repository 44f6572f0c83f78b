/// The reports of a run as plain values.
extension RunHistory {
  var value: RecordValue {
    .named([
      "epochs": .list(epochs.map(\.value)), "step_count": .whole(stepCount), "best_epoch": .whole(bestEpoch),
      "roll_backs": .list(rollBacks.map(\.value)),
    ])
  }

  init(_ reader: RecordReader) throws(RecordError) {
    epochs = []
    rollBacks = []
    for report in try reader["epochs"].elements() { epochs.append(try EpochReport(report)) }
    for rollBack in try reader["roll_backs"].elements() { rollBacks.append(try RollBack(rollBack)) }
    stepCount = try reader["step_count"].whole()
    bestEpoch = try reader.optional("best_epoch").map { (part) throws(RecordError) in try part.whole(atLeast: 1) }
  }
}

extension RollBack {
  fileprivate var value: RecordValue {
    .named(["message": .text(message), "epoch": .whole(epoch), "rate_factor": .exact(rateFactor)])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      message: try reader["message"].text(), epoch: try reader["epoch"].whole(),
      rateFactor: try reader["rate_factor"].float())
  }
}

extension EpochReport {
  fileprivate var value: RecordValue {
    .named([
      "epoch": .whole(epoch), "train_loss": .exact(trainLoss), "train_accuracy": .exact(trainAccuracy),
      "validation": validation?.value ?? .null, "samples_per_second": .exact(samplesPerSecond),
      "learning_rate": .exact(learningRate), "seconds": .exact(seconds), "skipped_steps": .whole(skippedSteps),
      "skips": .list(skips.map(\.value)), "diagnosis": diagnosis?.value ?? .null,
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      epoch: try reader["epoch"].whole(atLeast: 1), trainLoss: try reader["train_loss"].double(),
      trainAccuracy: try reader.double("train_accuracy"),
      validation: try reader.optional("validation").map { (part) throws(RecordError) in try Evaluation(part) },
      samplesPerSecond: try reader["samples_per_second"].double(), learningRate: try reader["learning_rate"].float(),
      seconds: try reader["seconds"].double(), skippedSteps: try reader["skipped_steps"].whole())
    skips = try SkippedStep.list(reader)
    diagnosis = try reader.optional("diagnosis").map { (part) throws(RecordError) in try EpochDiagnosis(part) }
  }
}

extension SkippedStep {
  var value: RecordValue {
    .named(["step": .whole(step), "message": .text(message), "rows": .list(rows.map { .whole($0) })])
  }

  /// The member `skips`; records of older versions have none.
  static func list(_ reader: RecordReader) throws(RecordError) -> [SkippedStep] {
    var skips: [SkippedStep] = []
    for skip in try reader.optional("skips")?.elements() ?? [] {
      var rows: [Int] = []
      for row in try skip["rows"].elements() { rows.append(try row.whole()) }
      skips.append(
        SkippedStep(step: try skip["step"].whole(atLeast: 1), message: try skip["message"].text(), rows: rows))
    }
    return skips
  }
}

extension RecordReader {
  /// A member that is a number, where it is there.
  fileprivate func double(_ name: String) throws(RecordError) -> Double? {
    try optional(name).map { (part) throws(RecordError) in try part.double() }
  }

  /// A member that is a whole number, where it is there.
  fileprivate func whole(_ name: String) throws(RecordError) -> Int? {
    try optional(name).map { (part) throws(RecordError) in try part.whole() }
  }
}

extension Evaluation {
  fileprivate var value: RecordValue {
    .named(["loss": .exact(loss), "accuracy": .exact(accuracy), "samples": .whole(sampleCount)])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      loss: try reader["loss"].double(), accuracy: try reader.double("accuracy"),
      sampleCount: try reader["samples"].whole())
  }
}

extension EpochDiagnosis {
  fileprivate var value: RecordValue {
    .named([
      "layers": .list(layers.map(\.value)), "verdicts": .list(verdicts.map(\.value)),
      "sampled_steps": .whole(sampledSteps),
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    var layers: [LayerDiagnosis] = [], verdicts: [DiagnosisVerdict] = []
    for layer in try reader["layers"].elements() { layers.append(try LayerDiagnosis(layer)) }
    for verdict in try reader["verdicts"].elements() { verdicts.append(try DiagnosisVerdict(verdict)) }
    self.init(layers: layers, verdicts: verdicts, sampledSteps: try reader["sampled_steps"].whole())
  }
}

extension LayerDiagnosis {
  fileprivate var value: RecordValue {
    .named([
      "name": .text(name), "activation": .text(activation), "units": .whole(unitCount), "dead": .whole(deadUnits),
      "dead_confirmed": .flag(deadUnitsAreConfirmed), "saturated": .whole(saturatedUnits),
      "saturated_share": .exact(saturatedShare), "activation_mean": .exact(activationMean),
      "activation_deviation": .exact(activationDeviation), "gradient_mean": .exact(gradientMean),
      "gradient_deviation": .exact(gradientDeviation), "update_ratio": .exact(updateRatio),
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      name: try reader["name"].text(), activation: try reader["activation"].text(),
      unitCount: try reader["units"].whole(), deadUnits: try reader.whole("dead"),
      deadUnitsAreConfirmed: try reader["dead_confirmed"].flag(), saturatedUnits: try reader.whole("saturated"),
      saturatedShare: try reader.double("saturated_share"), activationMean: try reader["activation_mean"].double(),
      activationDeviation: try reader["activation_deviation"].double(),
      gradientMean: try reader.double("gradient_mean"), gradientDeviation: try reader.double("gradient_deviation"),
      updateRatio: try reader.double("update_ratio"))
  }
}

extension DiagnosisVerdict {
  fileprivate var value: RecordValue {
    .named([
      "kind": .text(kind.rawValue), "layer": .text(layer), "since_epoch": .whole(sinceEpoch), "message": .text(message),
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    let kind = try reader["kind"]
    guard let known = Kind(rawValue: try kind.text()) else { throw kind.wrong("an illness that is known") }
    self.init(
      kind: known, layer: try reader["layer"].text(), sinceEpoch: try reader["since_epoch"].whole(),
      message: try reader["message"].text())
  }
}
