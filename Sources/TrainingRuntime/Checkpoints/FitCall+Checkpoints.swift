import NeuronKernels
import TrainingData

/// What a call of `fit` is told of states to keep and of one to go on from.
struct StateKeeping {
  let checkpoints: Checkpoints?
  let state: TrainingState?
  let samples: RunSamples
  let identity: RunIdentity

  /// Refuses a state of another run.
  func requireOwnState() throws(TrainingRuntimeError) { try state?.require(identity, samples) }
}

/// What a call of `fit` that keeps its state needs beside the keeper.
struct FitCheckpoints {
  let keeper: CheckpointKeeper
  let identity: RunIdentity
  /// Whether the call has ended in the midst of an epoch, whose state is kept.
  var leftEpochOpen = false
}

/// The factors and offsets of the features' scaling, where a state can have them.
struct TransformCopy {
  private let storage: AlignedStorage
  private let featureCount: Int

  init(_ transform: FeatureTransform) throws(NeuronKernelsError) {
    featureCount = transform.featureCount
    storage = try AlignedStorage(byteCount: 2 * featureCount * MemoryLayout<Float>.stride)
    for feature in 0..<featureCount {
      floats[feature] = transform.scale[feature]
      floats[featureCount + feature] = transform.shift[feature]
    }
  }

  private var floats: UnsafeMutablePointer<Float> { storage.baseAddress.assumingMemoryBound(to: Float.self) }

  var region: StateRegion { StateRegion("transform", floats, count: 2 * featureCount) }
}

extension TrainingState {
  /// The scaling of the features.
  func transform(featureCount: Int) throws -> FeatureTransform {
    guard let bytes = tensors.first(where: { $0.name == "transform" })?.bytes,
      bytes.count == 2 * featureCount * MemoryLayout<Float>.stride
    else {
      throw TrainingRuntimeError(
        code: .stateMismatch, message: "the checkpoint has no scaling for \(featureCount) features",
        hint: "it is of another version, or of another run")
    }
    let values = (0..<2 * featureCount).map { index in
      Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
    }
    return try FeatureTransform(scale: Array(values[..<featureCount]), shift: Array(values[featureCount...]))
  }
}

extension Trainer {
  /// Bytes of the buffers that states are copied into.
  func checkpointBytes(keepsBest: Bool, checkpoints: Checkpoints?) -> Int {
    guard let checkpoints else { return 0 }
    let copies = 1 + (keepsBest ? 1 : 0) + (goodEpochBytes > 0 ? 1 : 0)
    return CheckpointKeeper.bufferCount(checkpoints.rule) * copies * StateCopy.byteCount(of: storage.regions)
  }
}

// MARK: - Going on

extension FitCall {
  /// Restores a kept state, where there is one, and gets ready to keep others; both before the first step.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.stateMismatch`, what the store refuses, or that there is no memory; the trainer is then
  ///   as it was.
  func begin(_ keeping: StateKeeping, transform: FeatureTransform) throws {
    let state = keeping.state, scaling = try TransformCopy(transform)
    let needed = trainer.storage.regions + (goodEpoch?.copy.regions(named: "good") ?? []) + [scaling.region]
    let best = snapshot?.copy.regions(named: "best") ?? []
    try state?.requireTensors(of: needed + (state?.record.best == nil ? [] : best), optional: best)
    if let checkpoints = keeping.checkpoints {
      var regions = needed.map { CheckpointKeeper.Region(region: $0) }
      if let snapshot {
        regions += best.map { CheckpointKeeper.Region(region: $0, isPresent: { snapshot.counts != nil }) }
      }
      if let diagnostician { regions.append(CheckpointKeeper.Region(region: diagnostician.tallies)) }
      let keeper = try CheckpointKeeper(
        checkpoints, regions: regions, stepsDone: state?.steps ?? 0, samples: keeping.samples)
      keeper.scaling = scaling
      self.checkpoints = FitCheckpoints(keeper: keeper, identity: keeping.identity)
    }
    if let state { restore(state, regions: needed + best) }
  }

  private func restore(_ state: TrainingState, regions: [StateRegion]) {
    let record = state.record
    for region in regions { state.restore(region) }
    trainer.epochCount = record.epochCount
    trainer.stepCount = record.stepCount
    trainer.plateau = record.plateau
    history.epochs = record.history.epochs
    history.stepCount = record.history.stepCount
    history.bestEpoch = record.history.bestEpoch
    history.rollBacks = record.history.rollBacks
    history.resumedSteps = state.steps
    openEpoch = record.openEpoch
    rateFactor = record.rateFactor
    if let seen = record.earlyStopping { watch?.record = seen }
    snapshot?.counts = record.best
    checkpoints?.keeper.bestFigure = record.bestFigure
    history.stoppedEarly = watch?.isOver == true && history.epochs.count < epochs
    if let diagnostician, let seen = record.diagnosis {
      diagnostician.restore(seen)
      state.restore(diagnostician.tallies)
    }
  }
}

// MARK: - Keeping

extension FitCall {
  /// Keeps the state in the midst of an epoch, where it is due.
  func keep(inside run: EpochRun, seconds: Double, observer: (TrainingEvent) -> TrainingCommand) throws {
    guard let keeper = checkpoints?.keeper else { return }
    let done = run.stepsDone.load(ordering: .relaxed), steps = history.stepCount + done
    // At an epoch's end its evaluation comes first.
    if done < run.stepsPerEpoch, keeper.isDue(steps: steps), engine.parametersAreFinite {
      keeper.keep(record(run.openEpoch(seconds: seconds)), steps: steps, isBest: false)
    }
    try tell(keeper.takeOutcomes(), observer)
  }

  /// Keeps the state after an epoch, where it is due or the best so far.
  func keep(after report: EpochReport, observer: (TrainingEvent) -> TrainingCommand) throws {
    guard let keeper = checkpoints?.keeper else { return }
    let monitor = watch?.rule.monitor
    let figure = monitor?.value(of: report) ?? report.validation?.loss ?? report.trainLoss
    let isBest = keeper.noteBest(figure, isAccuracy: monitor?.isAccuracy == true)
    if isBest || keeper.isDue(epochs: report.epoch, steps: history.stepCount) {
      keeper.keep(record(nil), steps: history.stepCount, isBest: isBest)
    }
    try tell(keeper.takeOutcomes(), observer)
  }

  /// Keeps the state of an epoch that the call leaves unfinished.
  func keepUnfinished(
    _ run: EpochRun, seconds: Double, observer: (TrainingEvent) -> TrainingCommand
  ) throws {
    guard let keeper = checkpoints?.keeper, stopsNow, run.divergedStep == nil else { return }
    let done = run.stepsDone.load(ordering: .relaxed), steps = history.stepCount + done
    guard done > 0, done < run.stepsPerEpoch else { return }
    checkpoints?.leftEpochOpen = true
    keeper.drain()
    try tell(keeper.takeOutcomes(), observer)
    if keeper.hasKept(steps: steps) || !engine.parametersAreFinite { return }
    keeper.keepLast(record(run.openEpoch(seconds: seconds)), steps: steps)
  }

  /// Keeps the state in which the call ends, unless that is kept already, and waits until it is written.
  func finishCheckpoints(observer: (TrainingEvent) -> TrainingCommand) throws {
    guard let checkpoints else { return }
    let keeper = checkpoints.keeper
    keeper.drain()
    try tell(keeper.takeOutcomes(), observer)
    if !checkpoints.leftEpochOpen, history.stepCount > 0, !keeper.hasKept(steps: history.stepCount) {
      keeper.keepLast(record(nil), steps: history.stepCount)
      try tell(keeper.takeOutcomes(), observer)
    }
  }

  /// The run as it stands between two steps.
  private func record(_ openEpoch: OpenEpoch?) -> RunRecord {
    RunRecord(
      identity: checkpoints?.identity ?? RunIdentity(settings: []), epochCountAsked: epochs,
      epochCount: trainer.epochCount, stepCount: trainer.stepCount,
      history: RunHistory(
        epochs: history.epochs, stepCount: history.stepCount, bestEpoch: history.bestEpoch,
        rollBacks: history.rollBacks),
      openEpoch: openEpoch, rateFactor: rateFactor, plateau: trainer.plateau, earlyStopping: watch?.record,
      best: snapshot?.counts, diagnosis: diagnostician?.record, bestFigure: checkpoints?.keeper.bestFigure)
  }

  private func tell(
    _ outcomes: [CheckpointWriter.Outcome], _ observer: (TrainingEvent) -> TrainingCommand
  ) throws {
    for outcome in outcomes {
      switch outcome {
      case .kept(let report): obey(observer(.checkpointKept(report)))
      case .failed(let failure):
        obey(observer(.checkpointFailed(failure)))
        if checkpoints?.keeper.rule.onError == .stop { throw failure.error }
      }
    }
  }
}
