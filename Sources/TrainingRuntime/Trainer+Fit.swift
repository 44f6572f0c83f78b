import NeuronKernels
import TrainingData
import WorkerTeam

/// What a call of `fit` measures itself against after every epoch.
public enum Validation: Sendable {
  /// Nothing.
  case none
  /// This share of the training samples, drawn by the trainer's seed and never trained on.
  case fraction(Double)
  /// The same with this share of every class, as nearly as whole samples allow.
  case stratifiedFraction(Double)
  /// Samples of your own.
  case data(DataSubset)
}

extension Trainer {
  /// Trains for `epochs` passes over `training`.
  ///
  /// - Parameters:
  ///   - training: the samples.
  ///   - epochs: how many passes, at least 1.
  ///   - batchSize: samples of a step; the last step of an epoch may have fewer.
  ///   - validation: what to evaluate after every epoch.
  ///   - classWeights: how much samples of each class count in the training loss; evaluation counts them alike.
  ///   - earlyStopping: when to end before the last epoch, and whether to go back to the best one; nil for never.
  ///   - checkpoints: where and when the state of the run is kept; nil for nowhere.
  ///   - state: a state that such a call of a trainer made alike has kept: this call goes on from there, bit for bit; nil to
  ///     begin with the trainer as it is.
  ///   - callbacks: are told of steps, epochs and validations, between which they may do what they like, and may stop the run.
  ///   - observer: is told what happens, on this thread, and may ask to stop; the step at hand is finished first.
  /// - Returns: what each epoch gave, how fast, and where the time went.
  /// - Throws: ``TrainingRuntimeError`` `.diverged` when the loss stops being a number; the parameters are then those
  ///   before the bad step (of the best epoch, where early stopping goes back to it), or with `hogwild` what the other workers' last updates left. `.stateMismatch`, with nothing changed, when `resuming` is of another run. Other codes, and other rooms' errors, before anything has run. What the store of `checkpoints` refuses, where its rule says to stop.
  /// - Complexity: allocates when it begins and between epochs, never inside a step.
  public func fit(
    _ training: DataSubset, epochs: Int, batchSize: Int = 128, validation: Validation = .none,
    classWeights: ClassWeights = .none, earlyStopping: EarlyStopping? = nil, checkpoints: Checkpoints? = nil,
    resuming state: TrainingState? = nil, callbacks: [any TrainingCallback] = [],
    observer: (TrainingEvent) -> TrainingCommand = { _ in .proceed }
  ) throws -> History {
    try require(epochs, "the number of epochs", atLeast: 1)
    let request = try request(
      training, batchSize: batchSize, validation: validation, classWeights: classWeights, earlyStopping: earlyStopping,
      checkpoints: checkpoints)
    let rows = request.rows, heldOut = request.heldOut, plan = request.plan, callbacks = try CallbackList(callbacks)
    let keeping =
      checkpoints == nil && state == nil
      ? nil
      : StateKeeping(
        checkpoints: checkpoints, state: state, samples: RunSamples(training: rows, validation: heldOut),
        identity: RunIdentity(
          self, plan: plan, epochs: epochs, classWeights: classWeights, earlyStopping: earlyStopping))
    try keeping?.requireOwnState()
    self.plan = plan
    trainsOnClasses = if case .classes = rows.dataset.targets { true } else { false }
    let transform =
      try state?.transform(featureCount: rows.dataset.featureCount)
      ?? self.transform ?? measuredTransform(of: rows)
    self.transform = transform
    let engine = try engine(plan.shape)
    let call = try FitCall(
      trainer: self, engine: engine, rows: rows,
      feed: try SampleFeed(rows.dataset, transform: transform, classWeights: request.classWeights), epochs: epochs,
      heldOut: try request.heldOut.map { HeldOut(rows: $0, feed: try SampleFeed($0.dataset, transform: transform)) },
      earlyStopping: earlyStopping, callbacks: callbacks,
      pace: engine.pace?.begunAgain
        ?? WorkerPace(
          workerCount: plan.workerCount, isFixed: runtime.workers != .automatic || !plan.givesSameBits,
          expectedStepSeconds: plan.predictedStepSeconds ?? 0))
    defer { call.checkpoints?.keeper.close() }
    if let keeping { try call.begin(keeping, transform: transform) }
    try refreshOperands(of: engine)
    return try call.run(plan: plan, observer: observer)
  }

  /// Evaluates loss and accuracy over `data` with the parameters as they are.
  ///
  /// Scales features as training did, or measures `data` itself before any training.
  public func evaluate(_ data: DataSubset) throws -> Evaluation {
    try requireFit(of: data)
    let engine =
      try self.engine
      ?? self.engine(
        StepShape(
          batchSize: 128, workerCount: team.workerCount, split: .samples, reduction: .ownerComputes, teams: nil))
    let transform = try self.transform ?? measuredTransform(of: data)
    try refreshOperands(of: engine)
    return try evaluate(HeldOut(rows: data, feed: SampleFeed(data.dataset, transform: transform)), engine: engine)
  }

  func evaluate(_ heldOut: HeldOut, engine: StepEngine) throws -> Evaluation {
    let features = heldOut.rows.dataset.features
    return try heldOut.rows.rows.withUnsafeBufferPointer { rows in
      let run = EvaluationRun(engine: engine, feed: heldOut.feed, rows: rows)
      try atEvaluationPoint(of: engine) {
        // What was read of a mapped file is not needed again; what is being read comes back without the disk.
        try team.broadcast(
          activeWorkers: engine.workerCount, whileWaiting: { features.release(rows: 0..<features.sampleCount) }
        ) { worker in run.evaluate(worker) }
      }
      try features.requireUnchanged()
      return run.result
    }
  }

  /// The engine of this shape; the last one is kept.
  func engine(_ shape: StepShape) throws -> StepEngine {
    if let engine, engine.shape == shape { return engine }
    engine = nil  // its memory is free before the next one's is taken
    let made = try StepEngine(
      program: program, kernels: kernels, optimizer: optimizer, clipping: clipping, transforms: transformsInForce,
      shape: shape, storage: storage)
    try made.placeLanes(team: team)
    engine = made
    return made
  }
}

/// Samples to evaluate, with their scaling.
struct HeldOut {
  let rows: DataSubset
  let feed: SampleFeed
}
