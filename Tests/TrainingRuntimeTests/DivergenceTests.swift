import Fascicle
import Testing

@Suite("A loss that stops being a number")
struct DivergenceTests {
  private static func divergence(_ trainer: Trainer, _ data: DataSubset, batchSize: Int) -> TrainingRuntimeError? {
    #expect(throws: TrainingRuntimeError.self) { try trainer.fit(data, epochs: 3, batchSize: batchSize) }
  }

  @Test(
    "a huge learning rate: layer, epoch and step are named, the parameters before the step are kept", arguments: [1, 3])
  func hugeLearningRate(workers: Int) throws {
    let network = Network(inputs: 5) {
      Dense(16, activation: .relu)
      Dense(3, activation: .softmax)
    }
    func trainer() throws -> Trainer {
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 1e30), normalization: .none, seed: 2,
        runtime: .unpinned(workers))
      trainer.epochOrder = .sequential
      return trainer
    }
    let diverged = try trainer(), kept = try trainer()
    let error = try #require(Self.divergence(diverged, SmallProblem.samples(), batchSize: 40))
    #expect(error.code == .diverged)
    #expect(
      error.description
        == "the loss is not a finite number in epoch 1, step 2 of 3: layer 2 (dense 3 softmax) gives nan at unit 1 "
        + "for training row 40; lower the learning rate (now 1e+30), or bound the gradient (clipNorm: 1)")
    #expect(diverged.stepCount == 1)

    _ = try kept.fit(DataSubset(SmallProblem.dataset(), rows: (0..<40).map { UInt32($0) }), epochs: 1, batchSize: 40)
    #expect(diverged.weightsSHA256() == kept.weightsSHA256())
    #expect(diverged.stageParameters.flatMap { $0.weights + $0.bias }.allSatisfy { $0.isFinite })
  }

  @Test("features too large for the sums: the first layer that overflows is named")
  func hugeFeatures() throws {
    var features = [Float](repeating: 0.5, count: 20 * 4)
    features[4 * 7 + 2] = 3e38
    let data = DataSubset(
      allOf: try Dataset(features: features, featureCount: 4, labels: (0..<20).map { $0 % 2 }, classCount: 2))
    let network = Network(inputs: 4) {
      Dense(2, activation: .relu)
      Dense(2, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .none, runtime: .unpinned(2))
    trainer.epochOrder = .sequential
    trainer.stageParameters = [
      StageParameters(weights: [1, 1, 1, 1, 1, 1, 10, 1], bias: [0, 0]),
      StageParameters(weights: [1, 0, 0, 1], bias: [0, 0]),
    ]
    let error = Self.divergence(trainer, data, batchSize: 20)
    #expect(error?.message.hasSuffix("layer 1 (dense 2 relu) gives inf at unit 2 for training row 7") == true)
  }

  @Test("outputs whose squared error overflows are told from outputs that do")
  func overflowingLoss() throws {
    let data = DataSubset(
      allOf: try Dataset(features: [1, 1e25] as [Float], featureCount: 1, targets: [0, 0], targetCount: 1))
    let trainer = try Trainer(
      Network(inputs: 1) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(), normalization: .none,
      runtime: .unpinned(1))
    trainer.stageParameters = [StageParameters(weights: [1], bias: [0])]
    let error = Self.divergence(trainer, data, batchSize: 2)
    #expect(error?.message.hasSuffix("the outputs are finite, but too far from the targets for the loss to be") == true)
  }

  @Test("outputs whose place a gradient has taken are still told apart", arguments: [1, 2])
  func outputsBehindGradients(workers: Int) throws {
    // Layers 1 to 3 are as wide, so gradients of 1 and 2 lie where the outputs of 2 and 3 were. Layer 3 overflows at one
    // unit for one row, and after the way back every gradient is no number.
    let network = Network(inputs: 2) {
      Dense(2, activation: .relu)
      Dense(2, activation: .relu)
      Dense(2, activation: .relu)
      Dense(2, activation: .softmax)
    }
    let data = DataSubset(
      allOf: try Dataset(features: [1, 1, 1, 2, 1, 1] as [Float], featureCount: 2, labels: [0, 1, 0]))
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .none, runtime: .unpinned(workers))
    trainer.epochOrder = .sequential
    let same = StageParameters(weights: [1, 0, 0, 1], bias: [0, 0])
    trainer.stageParameters = [
      same, same, StageParameters(weights: [1, 0, 0, 2e38], bias: [0, 0]), same,
    ]
    let error = Self.divergence(trainer, data, batchSize: 3)
    #expect(
      error?.message.hasSuffix("layer 3 (dense 2 relu) gives inf at unit 2 for training row 1") == true,
      "\(error?.message ?? "no error")")
  }

  @Test("a parameter that is no number is found behind every activation", arguments: GradientCase.activations)
  func badParameter(activation: ActivationFunction) throws {
    let network = Network(inputs: 5) {
      Dense(4, activation: activation)
      Dense(3, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .none, runtime: .unpinned(2))
    var parameters = trainer.stageParameters
    parameters[0].weights[7] = .nan
    trainer.stageParameters = parameters
    let error = Self.divergence(trainer, try SmallProblem.samples(), batchSize: 100)
    #expect(
      error?.message.hasSuffix("a parameter of layer 1 (dense 4 \(activation)) became nan in the step before") == true
        || error?.message.hasSuffix("a parameter of layer 1 (dense 4) became nan in the step before") == true)
  }

  @Test("samples that an earlier call's scaling throws out of range are named")
  func scaledInput() throws {
    let network = Network(inputs: 1) { Dense(2, activation: .softmax) }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .standardize, runtime: .unpinned(1))
    let small = try Dataset(features: [1e-20, -1e-20] as [Float], featureCount: 1, labels: [0, 1])
    _ = try trainer.fit(DataSubset(allOf: small), epochs: 1)
    let large = try Dataset(features: [1e-20, 1e20] as [Float], featureCount: 1, labels: [0, 1])
    let error = Self.divergence(trainer, DataSubset(allOf: large), batchSize: 2)
    #expect(error?.message.hasSuffix("the scaled input 0 of training row 1 is inf") == true)
  }

  @Test("a trainer that diverged trains again when it is given good parameters")
  func recovers() throws {
    let trainer = try SmallProblem.trainer()
    let good = trainer.stageParameters
    var bad = good
    bad[1].bias[0] = .nan
    trainer.stageParameters = bad
    _ = Self.divergence(trainer, try SmallProblem.samples(), batchSize: 32)
    trainer.stageParameters = good
    let history = try trainer.fit(SmallProblem.samples(), epochs: 2, batchSize: 32)
    #expect(history.epochs.count == 2)
    #expect(history.epochs[1].trainLoss.isFinite)
  }

  @Test("clipping tames what diverges without it")
  func clippingHelps() throws {
    let network = Network(inputs: 5) {
      Dense(16)
      Dense(3)
    }
    var random = PhiloxStream(seed: 1, stream: 1)
    let data = DataSubset(
      allOf: try Dataset(
        features: random.uniform(count: 500, reach: 30), featureCount: 5, targets: random.uniform(count: 300, reach: 1),
        targetCount: 3))
    func trainer(_ clipping: GradientClipping) throws -> Trainer {
      try Trainer(
        network, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.05), clipping: clipping, normalization: .none,
        runtime: .unpinned(2))
    }
    let loose = try trainer(.none), bounded = try trainer(.globalNorm(0.1))
    #expect(throws: TrainingRuntimeError.self) { try loose.fit(data, epochs: 30, batchSize: 10) }
    let history = try bounded.fit(data, epochs: 30, batchSize: 10)
    #expect(history.epochs[29].trainLoss < history.epochs[0].trainLoss)
  }
}
