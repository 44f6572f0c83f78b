import Fascicle
import Testing

/// A run with state of some kind, which must go on bit for bit.
struct ResumeCase: Sendable, CustomTestStringConvertible {
  var name: String
  var optimizer: any GradientOptimizer = Adam(learningRate: 0.05)
  var schedule = LearningRateSchedule.constant
  var clipping = GradientClipping.none
  var transforms = UpdateTransforms()
  var network = SmallProblem.network
  var loss = Loss.categoricalCrossEntropy
  var earlyStopping: EarlyStopping?
  var onDivergence = DivergencePolicy.stop
  var validation = Validation.fraction(0.2)
  var classWeights = ClassWeights.none
  var normalization = Normalization.standardizeFeatures
  var runtime = RuntimeSettings.unpinned(2)
  var diagnosis = DiagnosisMode.sampled
  /// Rows whose features are so large that their loss is not finite.
  var hasBadRows = false
  /// Whether the last feature is the number of a category, 0 to 2.
  var hasCategories = false
  /// Whether states are kept in the midst of epochs; not where an epoch is one step.
  var hasOpenEpochs = true
  var epochs = 5
  var batchSize = 7

  static let all: [ResumeCase] =
    TrainingDraw.optimizers.enumerated().map { ResumeCase(name: "\($0) \($1.name)", optimizer: $1) }
    + [
      ResumeCase(name: "lamb", optimizer: LAMB(learningRate: 0.05, weightDecay: 0.1)),
      ResumeCase(name: "lars", optimizer: LARS(learningRate: 0.5), clipping: .tensorNorm(1)),
      ResumeCase(
        name: "adafactor", optimizer: Adafactor(learningRate: 0.05, weightDecay: 0.1),
        schedule: .cosine(warmUpEpochs: 0.5), network: deepNetwork),
      ResumeCase(
        name: "adafactor, partly factored", optimizer: Adafactor(relativeStep: false, smallestFactoredSide: 20),
        transforms: UpdateTransforms(averaging: .exponential(decay: 0.9), accumulation: 2), network: deepNetwork,
        earlyStopping: EarlyStopping(patience: 2)),
      ResumeCase(
        name: "adafactor, two lanes", optimizer: Adafactor(), clipping: .globalNorm(0.1), network: deepNetwork,
        runtime: .lanes(2, workers: 2), batchSize: 39),
      ResumeCase(
        name: "muon", optimizer: Muon(weightDecay: 0.1, adamLearningRate: 0.01), schedule: .cosine(),
        network: deepNetwork),
      ResumeCase(
        name: "muon, all matrices, two lanes", optimizer: Muon(matrices: .all), network: deepNetwork,
        runtime: .lanes(2, workers: 2), batchSize: 39),
      ResumeCase(
        name: "lbfgs", optimizer: LBFGS(history: 3, weightDecay: 0.001), hasOpenEpochs: false, epochs: 12,
        batchSize: 100),
      ResumeCase(
        name: "lbfgs over several minibatches", optimizer: LBFGS(history: 2),
        transforms: UpdateTransforms(accumulation: 5), hasOpenEpochs: false, epochs: 8, batchSize: 20),
      ResumeCase(
        name: "lbfgs with random layers", optimizer: LBFGS(history: 4),
        network: Network(inputs: 5) {
          Dense(16, activation: .tanh)
          Dropout(0.2)
          Dense(3, activation: .softmax)
        }, hasOpenEpochs: false, epochs: 8, batchSize: 100),
      ResumeCase(name: "batch norm", network: normalizedNetwork, batchSize: 8),
      ResumeCase(
        name: "batch norm, average, early stopping", transforms: UpdateTransforms(averaging: .exponential(decay: 0.9)),
        network: normalizedNetwork, earlyStopping: EarlyStopping(patience: 1), epochs: 9, batchSize: 8),
      ResumeCase(
        name: "batch norm, two lanes", network: normalizedNetwork, runtime: .lanes(2, workers: 2), batchSize: 38),
      ResumeCase(name: "gradient accumulation", transforms: UpdateTransforms(accumulation: 3)),
      ResumeCase(
        name: "gradient accumulation, two lanes", clipping: .tensorNorm(0.2),
        transforms: UpdateTransforms(lookahead: Lookahead(steps: 2), accumulation: 2), runtime: .lanes(2, workers: 2),
        batchSize: 36),
      ResumeCase(
        name: "skipped steps of several minibatches", optimizer: SGD(learningRate: 0.1),
        transforms: UpdateTransforms(accumulation: 2),
        network: Network(inputs: 5) {
          Dense(16)
          Dense(3, activation: .softmax)
        }, onDivergence: .skip(inARow: 20), validation: .none, normalization: .none, hasBadRows: true, batchSize: 3),
      ResumeCase(
        name: "adaptive clipping", optimizer: SGD(learningRate: 0.5, momentum: 0.9), clipping: .adaptive(0.02),
        network: deepNetwork),
      ResumeCase(
        name: "embedding", optimizer: AdamW(learningRate: 0.05),
        network: Network(inputs: 5) {
          Embedding(column: 4, categories: 3, width: 7)
          Dense(16, activation: .tanh)
          Dense(3, activation: .softmax)
        }, hasCategories: true),
      ResumeCase(
        name: "embedding with adafactor", optimizer: Adafactor(),
        network: Network(inputs: 5) {
          Embedding(column: 4, categories: 3, width: 7)
          Dense(16, activation: .preLU())
          Dense(3, activation: .softmax)
        }, hasCategories: true),
      ResumeCase(name: "cosine", schedule: .cosine(warmUpEpochs: 0.5, finalFactor: 0.1), clipping: .globalNorm(0.3)),
      ResumeCase(name: "one cycle", optimizer: SGD(learningRate: 0.3, momentum: 0.9), schedule: .oneCycle(OneCycle())),
      ResumeCase(
        name: "plateau", optimizer: SGD(learningRate: 30),
        schedule: .plateau(Plateau(factor: 0.5, patience: 0, cooldown: 1)), epochs: 9),
      ResumeCase(
        name: "average and lookahead",
        transforms: UpdateTransforms(averaging: .exponential(decay: 0.9), lookahead: Lookahead(steps: 3))),
      ResumeCase(name: "stochastic average", transforms: UpdateTransforms(averaging: .stochastic(firstEpoch: 2))),
      ResumeCase(
        name: "random layers",
        network: Network(inputs: 5) {
          Dense(24, activation: .rreLU())
          Dropout(0.3)
          Dense(24, activation: .preLU())
          GaussianNoise(0.1)
          LayerNorm()
          Dense(3, activation: .softmax)
        }),
      ResumeCase(
        name: "early stopping", optimizer: SGD(learningRate: 40), earlyStopping: EarlyStopping(patience: 3),
        epochs: 30),
      ResumeCase(
        name: "early stopping, patient", optimizer: SGD(learningRate: 10),
        earlyStopping: EarlyStopping(monitor: .trainAccuracy, patience: 30), epochs: 8),
      ResumeCase(
        name: "roll-back", optimizer: SGD(learningRate: 16, momentum: 0.5),
        network: Network(inputs: 5) {
          Dense(16)
          Dense(3)
        }, loss: .meanSquaredError, onDivergence: .rollBack(atMost: 30), epochs: 4),
      ResumeCase(
        name: "skipped steps", optimizer: SGD(learningRate: 0.1),
        network: Network(inputs: 5) {
          Dense(16)
          Dense(3, activation: .softmax)
        }, onDivergence: .skip(inARow: 20), validation: .none, normalization: .none, hasBadRows: true),
      ResumeCase(name: "class weights", validation: .stratifiedFraction(0.3), classWeights: .balanced),
      ResumeCase(name: "every step watched", diagnosis: .steps(perEpoch: 3)),
      ResumeCase(name: "unwatched", diagnosis: .off),
      ResumeCase(name: "two lanes", runtime: .lanes(2, workers: 2), batchSize: 39),
      ResumeCase(
        name: "bf16",
        runtime: RuntimeSettings(workers: .exactly(2), pinsWorkers: false, precision: .bf16Emulated)),
      ResumeCase(name: "workers of its own choice", runtime: RuntimeSettings(workers: .automatic, pinsWorkers: false)),
    ]

  /// Ragged matrices of several panels, and slopes.
  private static let deepNetwork = Network(inputs: 5) {
    Dense(37, activation: .preLU())
    Dense(34, activation: .tanh)
    Dense(3, activation: .softmax)
  }

  private static let normalizedNetwork = Network(inputs: 5) {
    Dense(19, activation: .tanh)
    BatchNorm(momentum: 0.2)
    Dense(3, activation: .softmax)
  }

  var testDescription: String { name }

  func trainer(workers: Int? = nil) throws -> Trainer {
    var runtime = runtime
    if let workers { runtime.workers = .exactly(workers) }
    let trainer = try Trainer(
      network, loss: loss, optimizer: optimizer, schedule: schedule, clipping: clipping,
      transforms: transforms, normalization: normalization, seed: 3, runtime: runtime)
    trainer.onDivergence = onDivergence
    trainer.diagnosis = diagnosis
    return trainer
  }

  func data() throws -> DataSubset {
    if hasCategories { return try categories() }
    guard hasBadRows else { return try SmallProblem.samples(100) }
    var random = PhiloxStream(seed: 8, stream: 2)
    var features = random.uniform(count: 100 * 5, reach: 1)
    for index in 20 * 5..<23 * 5 { features[index] = 3e38 }
    return DataSubset(
      allOf: try Dataset(
        features: features, featureCount: 5, labels: (0..<100).map { $0 % 3 }, classCount: 3, name: "points"))
  }

  private func categories() throws -> DataSubset {
    var random = PhiloxStream(seed: 8, stream: 2), features = random.uniform(count: 100 * 5, reach: 1)
    for sample in 0..<100 { features[sample * 5 + 4] = Float(sample * 7 % 3) }
    return DataSubset(
      allOf: try Dataset(
        features: features, featureCount: 5, labels: (0..<100).map { $0 % 3 }, classCount: 3, name: "points"))
  }

  /// Runs the case with a trainer, from a state if there is one.
  func fit(
    _ trainer: Trainer, keeping checkpoints: Checkpoints? = nil, from state: TrainingState? = nil,
    observer: (TrainingEvent) -> TrainingCommand = { _ in .proceed }
  ) throws -> History {
    try trainer.fit(
      data(), epochs: epochs, batchSize: batchSize, validation: validation, classWeights: classWeights,
      earlyStopping: earlyStopping, checkpoints: checkpoints, resuming: state, observer: observer)
  }
}

/// Everything about a run that an interruption must not change.
struct RunResult: Equatable {
  let digest: String
  let counts: [Int]
  let losses: [Double]
  let accuracies: [Double?]
  let validations: [Evaluation?]
  let rates: [Float]
  let skipped: [Int]
  let skips: [[SkippedStep]]
  let diagnoses: [EpochDiagnosis?]
  let bestEpoch: Int?
  let endings: [Bool]
  let rollBacks: [RollBack]

  init(_ trainer: Trainer, _ history: History) {
    digest = trainer.weightsSHA256()
    counts = [trainer.epochCount, trainer.stepCount, history.stepCount]
    losses = history.epochs.map(\.trainLoss)
    accuracies = history.epochs.map(\.trainAccuracy)
    validations = history.epochs.map(\.validation)
    rates = history.epochs.map(\.learningRate)
    skipped = history.epochs.map(\.skippedSteps)
    skips = history.epochs.map(\.skips)
    diagnoses = history.epochs.map(\.diagnosis)
    bestEpoch = history.bestEpoch
    endings = [history.stoppedEarly, history.restoredBest, history.wasStopped]
    rollBacks = history.rollBacks
  }
}
