import Fascicle
import Testing

@Suite("Batch normalization in whole runs")
struct BatchNormTests {
  private static let network = Network(inputs: 5) {
    Dense(16)
    BatchNorm(momentum: 0.25)
    Activation(.tanh)
    Dense(3, activation: .softmax)
  }

  private static func features(_ samples: Int) -> [Float] {
    var random = PhiloxStream(seed: 8, stream: 2)
    return random.uniform(count: samples * 5, reach: 1)
  }

  private static func trainer(
    _ network: Network = network, _ runtime: RuntimeSettings = .unpinned(2),
    optimizer: any GradientOptimizer = SGD(learningRate: 0.1), transforms: UpdateTransforms = UpdateTransforms()
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, transforms: transforms, normalization: .none,
      seed: 3, runtime: runtime)
    trainer.epochOrder = .sequential
    return trainer
  }

  @Test("the same bits for any number of workers, pinned or not, and every instruction set", arguments: 0..<20)
  func sameBits(number: Int) throws {
    try TrainingDraw(number: number, normalizesBatches: true).expectSameBits()
  }

  @Test("the same bits at a number of lanes for any number of workers", arguments: 0..<6, [2, 4])
  func lanes(number: Int, lanes: Int) throws {
    let draw = try TrainingDraw(number: number, batchSize: 129, sampleCount: 330, normalizesBatches: true)
    let expected = try draw.result(.lanes(lanes, workers: 1), kernels: .selected())
    for workers in [2, 3, 5, 8] {
      #expect(
        try draw.result(.lanes(lanes, workers: workers), kernels: .selected()) == expected,
        "\(draw.testDescription), \(workers) workers")
    }
  }

  @Test("answers are PyTorch's by its running statistics", arguments: LayerCase.batchNorms)
  func evaluation(layers: LayerCase) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    for runtime in [RuntimeSettings.unpinned(2), .lanes(2, workers: 2)] {
      let outcome = try oracle.outcome(layers, runtime, kernels: .selected())
      #expect(abs(outcome.evaluation.loss / (try #require(oracle.evaluation)) - 1) < 3e-5)
      // The control: the minibatch's own statistics would give another loss.
      #expect(abs(outcome.evaluation.loss / (try #require(oracle.losses.last)) - 1) > 1e-3)
    }
  }

  @Test("a row that is broken on purpose is refused")
  func brokenRow() throws {
    let broken = LayerOracle.batchNorm.broken, layers = try #require(LayerCase.all.first { $0.label == broken.name })
    #expect(try broken.gradientDeparture(layers, kernels: .selected()) > LayerOracleTests.gradientBound)
    #expect(
      try broken.trajectoryDeparture(layers, .unpinned(1), kernels: .selected()) > LayerOracleTests.trajectoryBound)
  }

  @Test("features around ten thousand are normalized like those around zero")
  func largeMeans() throws {
    let network = Network(inputs: 5) {
      BatchNorm(momentum: 1)
      Dense(3, activation: .softmax)
    }
    // Eighths, which stay what they are beside ten thousand.
    var random = PhiloxStream(seed: 4, stream: 4)
    let small = (0..<100 * 5).map { _ in Float(random.integer(in: -16...16)) / 8 }
    let labels = (0..<100).map { $0 % 3 }
    func run(_ offset: Float) throws -> (loss: Double, stage: StageParameters) {
      let data = try Dataset(features: small.map { $0 + offset }, featureCount: 5, labels: labels, classCount: 3)
      let trainer = try Self.trainer(network)
      let history = try trainer.fit(DataSubset(allOf: data), epochs: 1, batchSize: 100)
      return (history.epochs[0].trainLoss, trainer.stageParameters[0])
    }
    let near = try run(0), far = try run(10_000)
    #expect(abs(far.loss / near.loss - 1) < 1e-3)
    #expect(Departure.of(far.stage.runningVariance, from: near.stage.runningVariance.map { Double($0) }) < 1e-5)
    #expect(Departure.of(far.stage.runningMean, from: near.stage.runningMean.map { Double($0) + 10_000 }) < 1e-7)
  }

  @Test("minibatches of one sample are refused before anything runs")
  func oneSample() throws {
    let cases = [
      (
        33, 8,
        "layer 2 (batch norm) needs at least 2 samples in every minibatch, but 33 samples in minibatches of 8 leave one "
          + "for the last; use a batch size of 9, or { norm: layer }, which needs one sample"
      ),
      (
        33, 1,
        "layer 2 (batch norm) needs at least 2 samples in every minibatch, but the batch size is 1; use a batch size of 3, "
          + "or { norm: layer }, which needs one sample"
      ),
      (
        1, 8,
        "layer 2 (batch norm) needs at least 2 samples in every minibatch, but there is one in all; train on more "
          + "samples, or use { norm: layer }, which needs one"
      ),
    ]
    for (samples, batchSize, sentence) in cases {
      let trainer = try Self.trainer(), before = trainer.weightsSHA256()
      let error = #expect(throws: TrainingRuntimeError.self) {
        try trainer.fit(SmallProblem.samples(samples), epochs: 1, batchSize: batchSize)
      }
      #expect(error?.description == sentence)
      #expect(trainer.weightsSHA256() == before)
    }
    #expect(throws: TrainingRuntimeError.self) { try Self.trainer().partialFit(SmallProblem.samples(1)) }
    _ = try Self.trainer().partialFit(SmallProblem.samples(2))
  }

  @Test("every sample counts once in the statistics, whatever its weight")
  func sampleWeights() throws {
    func statistics(_ weights: ClassWeights) throws -> [Float] {
      let trainer = try Self.trainer()
      _ = try trainer.fit(SmallProblem.samples(32), epochs: 1, batchSize: 32, classWeights: weights)
      return trainer.stageParameters[1].runningMean
    }
    #expect(try statistics(.none) == statistics(.each([5, 0.1, 1])))
  }

  @Test("statistics move with the steps that update, and with no others")
  func skippedSteps() throws {
    var features = Self.features(60)
    for index in 20 * 5..<22 * 5 { features[index] = 3e38 }
    let dataset = try Dataset(features: features, featureCount: 5, labels: (0..<60).map { $0 % 3 }, classCount: 3)
    var transforms = UpdateTransforms()
    transforms.skipLimit = 2
    for runtime in [RuntimeSettings.unpinned(1), .unpinned(3)] {
      let skipping = try Self.trainer(Self.network, runtime, transforms: transforms), without = try Self.trainer()
      _ = try skipping.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 20)
      let rows = (Array(0..<20) + Array(40..<60)).map { UInt32($0) }
      _ = try without.fit(DataSubset(dataset, rows: rows), epochs: 1, batchSize: 20)
      #expect(skipping.weightsSHA256() == without.weightsSHA256())
    }
  }

  @Test(
    "a run that diverges names the layer where it began, and keeps statistics and parameters from before",
    arguments: [1, 3])
  func divergence(workers: Int) throws {
    var features = Self.features(60)
    for index in 27 * 5..<28 * 5 { features[index] = 3e38 }
    let dataset = try Dataset(features: features, featureCount: 5, labels: (0..<60).map { $0 % 3 }, classCount: 3)
    let diverged = try Self.trainer(Self.network, .unpinned(workers)), kept = try Self.trainer()
    diverged.stageParameters[0].weights = [Float](repeating: 1, count: 80)
    kept.stageParameters[0].weights = [Float](repeating: 1, count: 80)
    let error = #expect(throws: TrainingRuntimeError.self) {
      try diverged.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 20)
    }
    #expect(error?.code == .diverged)
    #expect(error?.message.contains("layer 1 (dense 16) gives inf at unit 1 for training row 27") == true, "\(error!)")
    _ = try kept.fit(DataSubset(dataset, rows: (0..<20).map { UInt32($0) }), epochs: 1, batchSize: 20)
    #expect(diverged.weightsSHA256() == kept.weightsSHA256())
  }

  @Test("averages of the weights are evaluated with the statistics of the weights that are trained")
  func averages() throws {
    var transforms = UpdateTransforms()
    transforms.averaging = .exponential(decay: 0.5)
    let averaged = try Self.trainer(transforms: transforms), plain = try Self.trainer()
    for trainer in [averaged, plain] { _ = try trainer.fit(SmallProblem.samples(64), epochs: 2, batchSize: 16) }
    let found = try averaged.model().stageParameters, wanted = try plain.model().stageParameters
    #expect(found[1].runningMean == wanted[1].runningMean)
    #expect(found[1].runningVariance == wanted[1].runningVariance)
    #expect(found[0].weights != wanted[0].weights)
    let freely = try Self.trainer(optimizer: ScheduleFreeAdamW(learningRate: 0.01))
    _ = try freely.fit(SmallProblem.samples(64), epochs: 2, batchSize: 16)
    #expect(try freely.model().stageParameters[1].runningMean == freely.stageParameters[1].runningMean)
  }

  @Test("workers that do not wait train as well, each on its own minibatches")
  func hogwild() throws {
    let trainer = try Self.trainer(
      Self.network, RuntimeSettings(workers: .exactly(3), pinsWorkers: false, reduction: .hogwild))
    let history = try trainer.fit(SmallProblem.samples(300), epochs: 20, batchSize: 20)
    #expect(history.epochs[19].trainLoss < 0.6 * history.epochs[0].trainLoss)
    #expect(try trainer.evaluate(SmallProblem.samples(300)).loss < 0.7 * history.epochs[0].trainLoss)
  }

  @Test("looking between steps changes no bit")
  func diagnosis() throws {
    let watched = try Self.trainer(), alone = try Self.trainer()
    watched.diagnosis = .steps(perEpoch: 4)
    alone.diagnosis = .off
    let history = try watched.fit(SmallProblem.samples(64), epochs: 2, batchSize: 16)
    _ = try alone.fit(SmallProblem.samples(64), epochs: 2, batchSize: 16)
    #expect(watched.weightsSHA256() == alone.weightsSHA256())
    #expect(history.epochs[0].diagnosis?.layers.map(\.name).contains("layer 2 (batch norm)") == true)
  }

  @Test("the cost model knows of the meetings")
  func costs() throws {
    func barrier(_ network: Network) throws -> Double {
      try CostModel(
        program: NetworkProgram(network, loss: .categoricalCrossEntropy), batchSize: 64, stateSlotCount: 0,
        rates: SyntheticRates.rates(), team: SyntheticRates.team("l3:1 core:16 pu:1")
      ).step(workers: 2, split: .samples).barrier
    }
    #expect(abs(try barrier(Self.network) / barrier(SmallProblem.network) - 3) < 1e-9)
  }
}
