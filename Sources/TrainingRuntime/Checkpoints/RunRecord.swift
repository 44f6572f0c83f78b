import GradientOptimizers

/// The numbers and names of a run's state, beside its tensors.
package struct RunRecord: Sendable {
  /// What decides the run's bits.
  package var identity: RunIdentity
  /// What is trained on; nil until somebody has read it all.
  package var training: DataFingerprint?
  /// What the run is measured against after every epoch, where there is anything.
  package var validation: DataFingerprint?
  /// Epochs that the run was to have.
  var epochCountAsked: Int
  /// Epochs and steps that the parameters had behind them when the unfinished epoch began.
  var epochCount: Int
  var stepCount: Int
  var history: RunHistory
  /// The epoch that was not finished; nil between two.
  var openEpoch: OpenEpoch?
  /// What roll-backs have made of the learning rate.
  var rateFactor: Float
  var plateau: Plateau.Watch
  var earlyStopping: EarlyStoppingWatch.Record?
  /// The counts of the best epoch, where a copy of it is kept.
  var best: TrainerSnapshot.Counts?
  var diagnosis: Diagnostician.Record?
  /// The best figure that an epoch of the run had, where the best is kept.
  var bestFigure: Double?
}

/// What a run has reported.
struct RunHistory: Sendable {
  var epochs: [EpochReport]
  /// Steps of the finished epochs.
  var stepCount: Int
  var bestEpoch: Int?
  var rollBacks: [RollBack]
}

/// How far an unfinished epoch had come.
struct OpenEpoch: Sendable, Hashable {
  var stepsDone: Int
  var lossSum: Double
  var correctCount: Int
  var skippedSteps: Int
  var skippedSamples: Int
  var skippedInARow: Int
  var skips: [SkippedStep]
  /// Seconds that it had taken.
  var seconds: Double
}

// MARK: - As plain values

extension RunRecord {
  /// The record as it goes into a file.
  package var value: RecordValue {
    .named([
      "settings_sha256": .text(identity.sha256),
      "settings": .fields(identity.settings.map { .init($0.name, .text($0.value)) }),
      "training": training?.value ?? .null,
      "validation": validation?.value ?? .null,
      "epochs_asked": .whole(epochCountAsked),
      "epoch_count": .whole(epochCount),
      "step_count": .whole(stepCount),
      "history": history.value,
      "open_epoch": openEpoch?.value ?? .null,
      "rate_factor": .exact(rateFactor),
      "plateau": plateau.value,
      "early_stopping": earlyStopping?.value ?? .null,
      "best": best?.value ?? .null,
      "diagnosis": diagnosis?.value ?? .null,
      "best_figure": .exact(bestFigure),
    ])
  }

  /// Reads a record back.
  package init(_ value: RecordValue) throws(RecordError) {
    let reader = RecordReader(value), settings = try reader["settings"]
    guard case .fields(let fields) = settings.value else { throw settings.wrong("an object") }
    var named: [RunIdentity.Setting] = []
    for field in fields {
      named.append(.init(field.name, try RecordReader(field.value, path: "record.settings.\(field.name)").text()))
    }
    identity = RunIdentity(settings: named)
    guard try reader["settings_sha256"].text() == identity.sha256 else {
      throw RecordError(message: "record.settings are not those of their digest")
    }
    training = try DataFingerprint(reader["training"])
    validation = try reader.optional("validation").map { (part) throws(RecordError) in try DataFingerprint(part) }
    epochCountAsked = try reader["epochs_asked"].whole()
    epochCount = try reader["epoch_count"].whole()
    stepCount = try reader["step_count"].whole()
    history = try RunHistory(reader["history"])
    openEpoch = try reader.optional("open_epoch").map { (part) throws(RecordError) in try OpenEpoch(part) }
    rateFactor = try reader["rate_factor"].float()
    plateau = try Plateau.Watch(reader["plateau"])
    earlyStopping = try reader.optional("early_stopping").map { (part) throws(RecordError) in
      try EarlyStoppingWatch.Record(part)
    }
    best = try reader.optional("best").map { (part) throws(RecordError) in try TrainerSnapshot.Counts(part) }
    diagnosis = try reader.optional("diagnosis").map { (part) throws(RecordError) in try Diagnostician.Record(part) }
    bestFigure = try reader.optional("best_figure").map { (part) throws(RecordError) in try part.double() }
  }
}

extension DataFingerprint {
  fileprivate var value: RecordValue {
    .named([
      "samples": .whole(sampleCount), "features": .whole(featureCount), "targets": .text(targets),
      "sha256": .text(sha256),
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      sampleCount: try reader["samples"].whole(), featureCount: try reader["features"].whole(),
      targets: try reader["targets"].text(), sha256: try reader["sha256"].text())
  }
}

extension OpenEpoch {
  fileprivate var value: RecordValue {
    .named([
      "steps_done": .whole(stepsDone), "loss_sum": .exact(lossSum), "correct": .whole(correctCount),
      "skipped_steps": .whole(skippedSteps), "skipped_samples": .whole(skippedSamples),
      "skipped_in_a_row": .whole(skippedInARow), "skips": .list(skips.map(\.value)), "seconds": .exact(seconds),
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      stepsDone: try reader["steps_done"].whole(atLeast: 1), lossSum: try reader["loss_sum"].double(),
      correctCount: try reader["correct"].whole(), skippedSteps: try reader["skipped_steps"].whole(),
      skippedSamples: try reader["skipped_samples"].whole(), skippedInARow: try reader["skipped_in_a_row"].whole(),
      skips: try SkippedStep.list(reader), seconds: try reader["seconds"].double())
  }
}

extension Plateau.Watch {
  var value: RecordValue {
    let memory = memory
    return .named([
      "factor": .exact(memory.factor), "best": .exact(memory.best), "bad_epochs": .whole(memory.badEpochs),
      "cooldown_left": .whole(memory.cooldownLeft),
    ])
  }

  init(_ reader: RecordReader) throws(RecordError) {
    let best = try reader.optional("best").map { (part) throws(RecordError) in try part.double() }
    self.init(
      memory: Memory(
        factor: try reader["factor"].float(), best: best, badEpochs: try reader["bad_epochs"].whole(),
        cooldownLeft: try reader["cooldown_left"].whole()))
  }
}

extension EarlyStoppingWatch.Record {
  fileprivate var value: RecordValue {
    .named([
      "best_epoch": .whole(bestEpoch), "best": .exact(best), "epochs_without_better": .whole(epochsWithoutBetter),
    ])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      bestEpoch: try reader.optional("best_epoch").map { (part) throws(RecordError) in try part.whole(atLeast: 1) },
      best: try reader["best"].double(), epochsWithoutBetter: try reader["epochs_without_better"].whole())
  }
}

extension TrainerSnapshot.Counts {
  fileprivate var value: RecordValue {
    .named(["epoch_count": .whole(epochCount), "step_count": .whole(stepCount), "plateau": plateau.value])
  }

  fileprivate init(_ reader: RecordReader) throws(RecordError) {
    self.init(
      epochCount: try reader["epoch_count"].whole(), stepCount: try reader["step_count"].whole(),
      plateau: try Plateau.Watch(reader["plateau"]))
  }
}
