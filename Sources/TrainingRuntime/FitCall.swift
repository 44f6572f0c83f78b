import NeuronKernels
import TrainingData
import WorkerTeam

/// One call of `fit` while it runs: the epochs, their reports and the account of time.
final class FitCall {
  let trainer: Trainer
  let engine: StepEngine
  private let rows: DataSubset
  private let feed: SampleFeed
  let epochs: Int
  private let heldOut: HeldOut?
  /// Training samples that lie far off; looked for when first asked.
  private lazy var farRows = trainer.farRows(in: rows)
  var watch: EarlyStoppingWatch?
  /// The best epoch, where early stopping goes back to it.
  let snapshot: TrainerSnapshot?
  var history = History()
  private var pace: WorkerPace
  private var trainingSeconds = 0.0
  private var evaluationSeconds = 0.0
  /// Of looks between steps, which are a part of `trainingSeconds`, and of what follows from them after an epoch.
  private var lookSeconds = 0.0, judgementSeconds = 0.0
  private var samplesTrained = 0
  var stopsNow = false
  let diagnostician: Diagnostician?
  /// What to go back to; nil where nothing is rolled back.
  let goodEpoch: GoodEpoch?
  /// What roll-backs have made of the learning rate.
  var rateFactor: Float = 1
  private var didFirstStep = false
  /// Fetches what the epoch needs soon of a file that is mapped; nil where there is none.
  private var readAhead: ReadAhead?
  private var callbacks: CallbackList
  /// What keeps the state; nil where nobody asked for it.
  var checkpoints: FitCheckpoints?
  /// The epoch that a state was kept in the midst of, until it goes on.
  var openEpoch: OpenEpoch?

  init(
    trainer: Trainer, engine: StepEngine, rows: DataSubset, feed: SampleFeed, epochs: Int, heldOut: HeldOut?,
    earlyStopping: EarlyStopping?, callbacks: CallbackList, pace: WorkerPace
  ) throws {
    self.trainer = trainer
    self.engine = engine
    self.rows = rows
    self.feed = feed
    self.epochs = epochs
    self.heldOut = heldOut
    watch = earlyStopping.map(EarlyStoppingWatch.init)
    snapshot = earlyStopping?.restoreBest == true ? try TrainerSnapshot(for: trainer.storage) : nil
    self.pace = pace
    self.callbacks = callbacks
    diagnostician = Diagnostician(engine: engine, team: trainer.team, mode: trainer.diagnosis)
    goodEpoch = if case .rollBack = trainer.onDivergence { try GoodEpoch(trainer.storage) } else { nil }
  }

  func run(plan: TrainingPlan, observer: (TrainingEvent) -> TrainingCommand) throws -> History {
    let start = MonotonicTime.nanoseconds()
    engine.resetAccounts()
    stopsNow = observer(.started(plan)) == .stop
    ask { $0.trainingBegan(plan, of: trainer) }
    let order = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: rows.sampleCount)
    defer { order.deallocate() }
    do {
      var epoch = history.epochs.count + 1
      while epoch <= epochs, !stopsNow, !history.stoppedEarly {
        if try runEpoch(epoch, order: order, observer: observer) { epoch += 1 }
      }
      try finishCheckpoints(observer: observer)
    } catch {
      restoreBest()
      throw error
    }
    restoreBest()
    history.wasStopped = stopsNow && history.epochs.count < epochs && !history.stoppedEarly
    engine.pace = pace
    history.seconds = Self.seconds(since: start)
    if let checkpoints { history.checkpoints = checkpoints.keeper.account }
    // The peak drifts with the clock frequency, so it is measured beside the run, unless that would make the run longer.
    if history.seconds > Self.secondsWorthMeasuring { try trainer.measureFMAPeak() }
    history.fmaPeakGflops = trainer.measuredPeak ?? 0
    finishRates()
    for callback in callbacks.callbacks { callback.trainingEnded(history, of: trainer) }
    return history
  }

  /// Asks the callbacks whether to go on.
  private func ask(_ question: (any TrainingCallback) -> TrainingCommand) {
    if !callbacks.isEmpty, callbacks.ask(question) == .stop { stopsNow = true }
  }

  private static let secondsWorthMeasuring = 0.25

  /// Where the time went: the workers' own accounts, brought to the seconds that passed, since not all ran all the time.
  private func phaseSeconds() -> PhaseSeconds {
    var sum = PhaseSeconds()
    for worker in 0..<engine.workerCount { sum += engine.memory.clock(worker: worker).pointee.seconds }
    var phases = sum.scaled(to: max(0, trainingSeconds - lookSeconds) + evaluationSeconds)
    phases.diagnosis = lookSeconds + judgementSeconds
    return phases
  }

  private func finishRates() {
    history.phaseSeconds = phaseSeconds()
    history.staleness = engine.staleness
    history.imbalanceNanosecondsPerStep = engine.memory.clock(worker: 0).pointee.imbalanceNanosecondsPerStep
    history.workerPaces = pace.records.map {
      WorkerPaceReport(
        workerCount: $0.workerCount, stepCount: $0.record.stepCount, microsecondsPerStep: $0.record.latest * 1e6)
    }
    guard trainingSeconds > 0 else { return }
    history.samplesPerSecond = Double(samplesTrained) / trainingSeconds
    history.gflops = engine.program.flopsPerStep(sampleCount: samplesTrained) / trainingSeconds * 1e-9
  }

  /// False when the epoch has to be run again.
  private func runEpoch(
    _ epoch: Int, order: UnsafeMutableBufferPointer<UInt32>, observer: (TrainingEvent) -> TrainingCommand
  ) throws -> Bool {
    ask { $0.epochBegan(epoch, of: trainer) }
    if stopsNow { return true }
    callbacks.beginEpoch()
    trainer.epochOrder.write(rows.rows, epoch: trainer.epochCount, into: order)
    readAhead = ReadAhead(rows.dataset.features, order: UnsafeBufferPointer(order), window: trainer.epochOrder.window)
    defer { readAhead?.finish() }
    let stepsPerEpoch = stepsPerEpoch
    let run = EpochRun(
      feed: feed, order: UnsafeBufferPointer(order), batchSize: engine.batchSize,
      minibatchesPerStep: engine.transforms.accumulation, stepsBefore: history.stepCount,
      earlierSteps: trainer.stepCount - history.stepCount, totalSteps: epochs * stepsPerEpoch,
      baseRate: trainer.optimizer.learningRate * rateFactor, schedule: trainer.schedule, seed: trainer.seed,
      plateauFactor: trainer.plateau.factor, number: trainer.epochCount + 1)
    let resumed = openEpoch
    openEpoch = nil
    if let resumed { run.goOn(from: resumed) }
    let samplesBefore = run.samplesDone, secondsBefore = resumed?.seconds ?? 0
    let seconds = try train(run, epoch: epoch, secondsBefore: secondsBefore, observer: observer)
    try keepUnfinished(run, seconds: seconds, observer: observer)
    book(run, samplesBefore: samplesBefore, seconds: seconds - secondsBefore)
    if let step = run.divergedStep {
      let divergence = Divergence(engine: engine, run: run, epoch: epoch, step: step, farRows: farRows)
      try rollBack(after: divergence.error, run, observer: observer)
      return false
    }
    // Otherwise the next epoch's first step would show it, but there may be none, and this epoch would pass for good.
    if run.stepsDone.load(ordering: .relaxed) > 0, !engine.parametersAreFinite {
      let divergence = Divergence(
        engine: engine, run: run, epoch: epoch, step: run.stepsDone.load(ordering: .relaxed) - 1, updateDiverged: true,
        farRows: farRows)
      try rollBack(after: divergence.error, run, observer: observer)
      return false
    }
    guard run.samplesDone == rows.sampleCount else { return true }
    trainer.epochCount += 1
    let counted = Double(rows.sampleCount - run.skippedSamples)
    let diagnosis = try judge(run, epoch: epoch, loss: run.lossSum / counted)
    let validation = try evaluateHeldOut()
    if let validation { ask { $0.validationEnded(validation, epoch: epoch, of: trainer) } }
    var report = EpochReport(
      epoch: epoch, trainLoss: run.lossSum / counted,
      trainAccuracy: feed.hasLabels ? Double(run.correctCount) / counted : nil,
      validation: validation,
      samplesPerSecond: Double(rows.sampleCount) / seconds,
      learningRate: run.optimizerStep(stepsPerEpoch - 1).learningRate, seconds: seconds,
      skippedSteps: run.skippedSteps)
    report.diagnosis = diagnosis
    report.skips = run.skips
    history.epochs.append(report)
    trainer.notePlateau(report)
    noteEarlyStopping(report)
    goodEpoch?.take()
    obey(observer(.epochEnded(report)))
    ask { $0.epochEnded(report, of: trainer) }
    try keep(after: report, observer: observer)
    return true
  }

  /// Goes back to the last good epoch with half the learning rate, or throws where that is not asked for any more.
  private func rollBack(
    after error: TrainingRuntimeError, _ run: EpochRun, observer: (TrainingEvent) -> TrainingCommand
  ) throws {
    guard case .rollBack(let limit) = trainer.onDivergence, let goodEpoch else { throw error }
    guard history.rollBacks.count < limit else { throw error.after(rollBacks: limit) }
    goodEpoch.restore()
    engine.quasiNewton?.forget()
    try trainer.refreshOperands(of: engine)
    diagnostician?.reset()
    // The epoch begins where it began, with its order and its draws.
    let steps = run.stepsDone.load(ordering: .relaxed)
    history.stepCount -= steps
    trainer.stepCount -= steps
    rateFactor /= 2
    checkpoints?.keeper.rollBack(to: history.stepCount)
    let rollBack = RollBack(message: error.message, epoch: history.epochs.count + 1, rateFactor: rateFactor)
    history.rollBacks.append(rollBack)
    obey(observer(.rolledBack(rollBack)))
  }

  /// Keeps the best epoch, and decides whether another may begin.
  private func noteEarlyStopping(_ report: EpochReport) {
    guard watch != nil else { return }
    if watch?.note(report) == true { snapshot?.save(trainer) }
    history.bestEpoch = watch?.bestEpoch
    history.stoppedEarly = watch?.isOver == true && report.epoch < epochs
  }

  /// Goes back to the best epoch, unless that is where the trainer stands.
  private func restoreBest() {
    guard let snapshot, let best = watch?.bestEpoch else { return }
    let isThere = best == history.epochs.last?.epoch && history.stepCount == history.epochs.count * stepsPerEpoch
    if !isThere { snapshot.restore(trainer) }
    history.restoredBest = !isThere
  }

  var stepsPerEpoch: Int {
    let stepSize = engine.batchSize * engine.transforms.accumulation
    return (rows.sampleCount + stepSize - 1) / stepSize
  }

  /// Notes what the observer asks for.
  func obey(_ command: TrainingCommand) {
    switch command {
    case .proceed: break
    case .stop: stopsNow = true
    case .checkpoint: checkpoints?.keeper.request()
    }
  }

  /// Runs the workers through the epoch, segment by segment, while the observer watches; returns the seconds it has taken.
  ///
  /// - Parameter secondsBefore: seconds of the epoch before this process.
  private func train(
    _ run: EpochRun, epoch: Int, secondsBefore: Double, observer: (TrainingEvent) -> TrainingCommand
  ) throws -> Double {
    let start = MonotonicTime.nanoseconds()
    func seconds() -> Double { secondsBefore + Self.seconds(since: start) }
    var step = run.stepsDone.load(ordering: .relaxed), lookTime = start
    func look() {
      lookTime = MonotonicTime.nanoseconds()
      obey(observer(.progress(progress(of: run, epoch: epoch, seconds: seconds()))))
    }
    while step < run.stepsPerEpoch, !stopsNow {
      let isFirst = !didFirstStep
      didFirstStep = true
      let watched = diagnostician?.steps(of: run).next(from: step) ?? run.stepsPerEpoch
      let stepsUntilDue = checkpoints?.keeper.stepsUntilDue(from: history.stepCount + step) ?? .max
      // A step that is looked at stands alone, so that the workers leave it behind as it was.
      let stop = callbacks.isEmpty ? watched : callbacks.nextStop(after: step, last: watched)
      let segment =
        isFirst || watched == step ? pace.firstStep : pace.next(stepsLeft: min(stop - step, stepsUntilDue))
      if watched == step { timingLook { diagnostician?.prepare() } }
      readAhead?.advance(to: run.samplesDone)
      let skippedBefore = run.skippedSteps
      let segmentStart = MonotonicTime.nanoseconds()
      try train(run, steps: step..<step + segment.stepCount, workerCount: segment.workerCount, look: look)
      // Before anything is kept or reported of steps that read what is no longer there.
      try rows.dataset.features.requireUnchanged()
      let done = run.stepsDone.load(ordering: .relaxed)
      pace.record(segment, stepsDone: done - step, seconds: Self.seconds(since: segmentStart))
      if watched == step, run.divergedStep == nil, done > step, run.skippedSteps == skippedBefore {
        try timingLook { try diagnostician?.look(at: step, of: run, workerCount: segment.workerCount) }
      }
      step = done
      if run.divergedStep != nil { break }
      if run.skippedSteps > skippedBefore, run.skips.count < SkippedStep.limit {
        run.skips.append(Divergence(engine: engine, run: run, epoch: epoch, step: done - 1).skippedStep)
      }
      if !callbacks.isEmpty,
        callbacks.stepEnded(run, epoch: epoch, number: trainer.stepCount + done, trainer: trainer) == .stop
      {
        stopsNow = true
      }
      if isFirst { obey(observer(.firstStepDone)) }
      // Segments may be too short for anybody to look while they run.
      if Self.seconds(since: lookTime) >= Self.secondsBetweenLooks { look() }
      if stopsNow { break }
      run.clearStop()
      try keep(inside: run, seconds: seconds(), observer: observer)
    }
    return seconds()
  }

  private static let secondsBetweenLooks = 0.1

  private func train(_ run: EpochRun, steps: Range<Int>, workerCount: Int, look: () -> Void) throws {
    try engine.train(run, steps: steps, team: trainer.team, workerCount: workerCount) {
      readAhead?.advance(to: run.samplesDone)
      look()
      let stepsDone = history.stepCount + run.stepsDone.load(ordering: .relaxed)
      guard stopsNow || checkpoints?.keeper.wantsPause(steps: stepsDone) == true else { return }
      run.stopRequested.store(true, ordering: .relaxed)
    }
  }

  private func timingLook(_ look: () throws -> Void) rethrows {
    let start = MonotonicTime.nanoseconds()
    defer { lookSeconds += Self.seconds(since: start) }
    try look()
  }

  private func judge(_ run: EpochRun, epoch: Int, loss: Double) throws -> EpochDiagnosis? {
    guard let diagnostician else { return nil }
    let start = MonotonicTime.nanoseconds()
    defer { judgementSeconds += Self.seconds(since: start) }
    let figures = EpochLoss(
      mean: loss, of: engine.program, feed: feed, leastBefore: history.epochs.map(\.trainLoss).min(),
      stepCount: history.stepCount, asksForRows: epochs > 1 && !rows.dataset.features.isMapped)
    return try diagnostician.finish(run, epoch: epoch, loss: figures) { farRows }
  }

  private static func seconds(since start: UInt64) -> Double {
    Double(max(1, MonotonicTime.nanoseconds() - start)) * 1e-9
  }

  private func evaluateHeldOut() throws -> Evaluation? {
    let start = MonotonicTime.nanoseconds()
    defer { evaluationSeconds += Self.seconds(since: start) }
    return try heldOut.map { try trainer.evaluate($0, engine: engine) }
  }

  private func progress(of run: EpochRun, epoch: Int, seconds: Double) -> EpochProgress {
    let done = run.samplesDone, rate = Double(done) / seconds
    return EpochProgress(
      epoch: epoch, epochCount: epochs, step: run.stepsDone.load(ordering: .relaxed), stepCount: run.stepsPerEpoch,
      trainLoss: Double(bitPattern: run.lossBits.load(ordering: .relaxed)) / Double(done), samplesPerSecond: rate,
      secondsLeft: done == 0 ? .infinity : Double(rows.sampleCount - done) / rate)
  }

  /// - Parameters:
  ///   - samplesBefore: samples of the epoch that another process trained on.
  ///   - seconds: what this one took.
  private func book(_ run: EpochRun, samplesBefore: Int, seconds: Double) {
    let steps = run.stepsDone.load(ordering: .relaxed)
    history.stepCount += steps
    trainer.stepCount += steps
    trainingSeconds += seconds
    samplesTrained += run.samplesDone - samplesBefore
  }
}
