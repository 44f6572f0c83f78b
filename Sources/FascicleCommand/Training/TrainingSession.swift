import Fascicle
import RunConfiguration

/// A run from its configuration to its report.
struct TrainingSession {
  let configuration: RunConfiguration
  /// What reports call the run.
  let title: String
  /// Whether standard output gets events in place of the report.
  let writesJSON: Bool
  /// Whether plan and progress are left out.
  let isQuiet: Bool
  /// Where the resolved configuration and the events are kept; nil for nowhere.
  let folder: String?
  /// What `--resume` says; nil to begin anew.
  var resume: String?

  /// Prints what would run, as a configuration that can be run, and trains nothing.
  func printPlan() throws {
    let data = try configuration.loadData()
    let trainer = try configuration.makeTrainer(for: data)
    let plan = try trainer.plan(for: data, as: configuration, checkpoints: checkpointFolder.map(checkpoints))
    let start = RunStart(
      configuration: configuration, data: data, plan: plan, pinning: trainer.pinning,
      warnings: trainer.warnings(for: data, as: configuration))
    guard !writesJSON else { return try StandardOutput.write(start.event.line()) }
    let comments = RunReport.plan(start, title: title, terminal: .plain).split(separator: "\n")
    try StandardOutput.write(configuration.yaml + "\n" + comments.map { "# \($0)\n" }.joined())
  }

  /// Trains, evaluates and reports.
  ///
  /// - Throws: what any room refuses, or ``StoppedBySignal`` after everything has been reported.
  func train() throws {
    let start = MonotonicTime.nanoseconds()
    let signals = StopSignals.listen(keepsState: configuration.checkpoint != nil)
    let checkpointFolder = checkpointFolder
    let resumed = try ResumedState.find(resume, in: checkpointFolder)
    let notice = SetUpNotice(isQuiet: isQuiet)
    notice.begin("reading the data")
    let reading = ReadingLine(isQuiet: isQuiet)
    let data = try configuration.loadData(progress: reading.show)
    reading.end()
    notice.begin(configuration.drawingWords(for: data))
    let trainer = try configuration.makeTrainer(for: data)
    notice.end()
    let log = try EventLog(
      writesJSON: writesJSON, folder: folder, configuration: configuration, resumed: resumed?.state,
      beginsAnew: resume != nil && resumed == nil)
    try say(resumed, in: checkpointFolder)
    var history = try reportingDivergence(to: log) {
      try fit(
        trainer, data, log: log, signals: signals, start: start, checkpoints: checkpointFolder.map(checkpoints),
        resumed: resumed)
    }
    // A run too short to be worth the measurement has no peak, but a report needs one beside its speed.
    history.fmaPeakGflops = try trainer.fmaPeakGflops()
    let end = try evaluate(trainer, data, after: history, signals: signals)
    try log.add(end.event)
    if !writesJSON {
      let results = RunReport.results(end, memory: trainer.plan?.memory, folder: folder)
      try StandardOutput.write((isQuiet ? "" : "\n") + results)
    }
    guard let signal = end.stopSignal else { return }
    // Whoever reads the status of a stopped run relies on its state.
    if let failure = history.checkpoints.latestFailure { throw failure.error }
    throw StoppedBySignal(signal: signal)
  }

  private var checkpointFolder: CheckpointFolder? {
    guard let checkpoint = configuration.checkpoint, let path = checkpoint.folder else { return nil }
    return CheckpointFolder(path, keptCount: checkpoint.keepLast)
  }

  private func checkpoints(in folder: CheckpointFolder) -> Checkpoints {
    Checkpoints(folder, rule: configuration.checkpoint?.rule ?? CheckpointRule())
  }

  /// Says what a run goes on from, or that it leaves an earlier run's checkpoints alone.
  private func say(_ resumed: ResumedState?, in folder: CheckpointFolder?) throws {
    for note in resumed?.notes ?? [] { StandardError.write(note + "\n") }
    guard resume == nil, let folder, try folder.count() > 0, !isQuiet else { return }
    StandardError.write(
      "note: \(folder.path) has checkpoints of an earlier run, which stay; --resume auto would go on from them\n")
  }

  /// Measures the trained network on all parts of the data; after a stop on the small ones only, and on none when
  /// nothing has been learned.
  private func evaluate(
    _ trainer: Trainer, _ data: RunData, after history: History, signals: StopSignals
  ) throws -> RunEnd {
    func evaluation(_ part: DataSubset?, _ isWanted: Bool) throws -> Evaluation? {
      guard isWanted, let part else { return nil }
      return try trainer.evaluate(part)
    }
    let hasLearned = history.stepCount > 0
    let test = try evaluation(data.test, hasLearned)
    return RunEnd(
      history: history, workerCount: trainer.plan?.workerCount ?? 0,
      predictedStepSeconds: trainer.plan?.predictedStepSeconds,
      training: try evaluation(data.training, !history.wasStopped),
      validation: try evaluation(data.validation, hasLearned), test: test, weightsSHA256: trainer.weightsSHA256(),
      modelFolder: hasLearned ? try writeModel(of: trainer, data, test: test) : nil,
      stopSignal: history.wasStopped ? signals.received : nil)
  }

  /// Writes what was learned into the run's folder, and returns the folder.
  private func writeModel(of trainer: Trainer, _ data: RunData, test: Evaluation?) throws -> String? {
    guard let folder else { return nil }
    var model = try trainer.model(of: data)
    model.record?.run = title
    model.record?.test = test
    try model.write(folder: folder)
    return folder
  }

  /// Runs the epochs, shows and logs them, and ends early when a signal came or a log can't be written.
  private func fit(
    _ trainer: Trainer, _ data: RunData, log: EventLog, signals: StopSignals, start: UInt64,
    checkpoints: Checkpoints?, resumed: ResumedState?
  ) throws -> History {
    var display = isQuiet ? nil : ProgressDisplay(samplesPerEpoch: data.training.sampleCount)
    var failure: (any Error)?, checkpointRequests = 0
    let history = try trainer.fit(
      data, as: configuration, checkpoints: checkpoints, resuming: resumed?.state
    ) { event in
      do {
        if case .firstStepDone = event { try log.add(Self.firstStepEvent(since: start)) }
        try show(
          event, data: data, trainer: trainer, log: log, signals: signals, resumed: resumed, display: &display)
      } catch {
        failure = error
      }
      if failure != nil || signals.received != nil { return .stop }
      if signals.checkpointRequestCount == checkpointRequests { return .proceed }
      checkpointRequests = signals.checkpointRequestCount
      return .checkpoint
    }
    display?.end()
    if let failure { throw failure }
    return history
  }

  /// Runs `body`, and tells of the values that led to a loss that is not finite before the error does.
  private func reportingDivergence(to log: EventLog, _ body: () throws -> History) throws -> History {
    do {
      return try body()
    } catch let error as TrainingRuntimeError {
      if let divergence = error.divergence {
        try log.add(divergence.event(error))
        if !isQuiet { StandardError.write(DiagnosisLines.ranges(divergence).map { $0 + "\n" }.joined()) }
      }
      throw error
    }
  }

  /// `first_step`: the seconds until something has been learned, reading the data and starting the workers included.
  private static func firstStepEvent(since start: UInt64) -> JSONEvent {
    JSONEvent(
      name: "first_step", fields: ["seconds": .number(Double(MonotonicTime.nanoseconds() - start) * 1e-9)])
  }

  private func show(
    _ event: TrainingEvent, data: RunData, trainer: Trainer, log: EventLog, signals: StopSignals,
    resumed: ResumedState?,
    display: inout ProgressDisplay?
  ) throws {
    switch event {
    case .started(let plan):
      signals.beginRun()
      let start = RunStart(
        configuration: configuration, data: data, plan: plan, pinning: trainer.pinning,
        warnings: trainer.warnings(for: data, as: configuration), resumed: resumed)
      try log.add(start.event)
      if let resumed { try log.add(resumed.event) }
      if !writesJSON, !isQuiet {
        try StandardOutput.write(RunReport.plan(start, title: title, terminal: .standardOutput))
      }
      display?.begin(epochCount: configuration.training.epochs, hasValidation: data.validation != nil)
    case .firstStepDone:
      break
    case .progress(let progress):
      display?.show(progress)
    case .epochEnded(let report):
      display?.show(report)
      // Each illness once, when it begins; the report at the end has those that last.
      for verdict in report.diagnosis?.verdicts ?? [] where verdict.sinceEpoch == report.epoch {
        display?.note("sick: \(verdict.message)")
      }
      try log.add(report.event)
    case .rolledBack(let rollBack):
      display?.note(
        "rolled back to the end of epoch \(rollBack.epoch - 1), at half the learning rate: \(rollBack.message)")
      try log.add(rollBack.event)
    case .checkpointKept(let report):
      try log.add(report.event)
    case .checkpointFailed(let failure):
      // Also a quiet run says what it could not do.
      if display != nil {
        display?.note("warning: \(failure.sentence)")
      } else {
        StandardError.write("warning: \(failure.sentence)\n")
      }
      try log.add(failure.event)
    }
  }
}
