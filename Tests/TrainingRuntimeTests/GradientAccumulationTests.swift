import Fascicle
import Foundation
import Testing

/// What PyTorch makes of steps that several minibatches add up to; `Oracle/generate_accumulation.py` writes it.
private struct AccumulationOracle: Decodable, Sendable {
  let network: String
  /// Minibatches of a step, and samples of the last minibatch of all.
  let accumulation: Int
  let last: Int
  let rows: [String: [OracleFile.LayerParameters]]

  static let shared: AccumulationOracle = OracleFile.decoded("accumulation")

  /// The optimizers of the rows.
  static let optimizers: [String: any GradientOptimizer] = [
    "sgd": SGD(learningRate: 0.1), "nesterov": SGD(learningRate: 0.05, momentum: 0.9, nesterov: true),
    "adam": Adam(learningRate: 0.01),
  ]

  /// One epoch over the minibatches, so many to a step.
  func stages(
    _ optimizer: any GradientOptimizer, accumulation: Int, runtime: RuntimeSettings = .unpinned(2)
  ) throws -> [StageParameters] {
    let problem = try #require(OracleFile.trajectories.networks[network])
    let inputs = problem.layers[0].inputs, outputs = try #require(problem.layers.last).units
    let count = (problem.batches.count - 1) * problem.batch + last
    let dataset = try Dataset(
      features: Array(problem.batches.flatMap(\.inputs).prefix(count * inputs)), featureCount: inputs,
      targets: Array(problem.batches.flatMap { $0.targets ?? [] }.prefix(count * outputs)), targetCount: outputs)
    let trainer = try Trainer(
      problem.layers.network, loss: .meanSquaredError, optimizer: optimizer,
      transforms: UpdateTransforms(accumulation: accumulation), normalization: .none, runtime: runtime)
    trainer.epochOrder = .sequential
    trainer.stageParameters = problem.parameters.map(\.stageParameters)
    let history = try trainer.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: problem.batch)
    #expect(history.stepCount == (problem.batches.count + accumulation - 1) / accumulation)
    return trainer.stageParameters
  }
}

@Suite("Steps of several minibatches")
struct GradientAccumulationTests {
  @Test(
    "end where PyTorch's do, and not where other numbers of minibatches would", arguments: ["sgd", "nesterov", "adam"])
  func followsTheOracle(name: String) throws {
    let oracle = AccumulationOracle.shared, expected = try #require(oracle.rows[name])
    let optimizer = try #require(AccumulationOracle.optimizers[name])
    #expect(Set(oracle.rows.keys) == Set(AccumulationOracle.optimizers.keys))
    for runtime in [RuntimeSettings.unpinned(1), .unpinned(3), .lanes(2, workers: 2)] {
      let found = try oracle.stages(optimizer, accumulation: oracle.accumulation, runtime: runtime)
      #expect(TransformCase.departure(found, from: expected) < 1e-5, "\(name)")
    }
    for wrong in [1, oracle.accumulation - 1, oracle.accumulation + 1] {
      let found = try oracle.stages(optimizer, accumulation: wrong)
      #expect(TransformCase.departure(found, from: expected) > 1e-3, "\(wrong) minibatches pass for \(name)")
    }
  }

  /// Penalties, random draws and a norm that is clipped: whatever looks at the whole minibatch.
  private static let network = Network(inputs: 5) {
    Dense(16, activation: .tanh, learning: LayerLearning(weights: .l2(0.01), outputs: .l1(0.01), orthogonal: 0.02))
    Dropout(0.3)
    LayerNorm()
    Dense(9, activation: .preLU())
    Dense(3, activation: .softmax)
  }

  private static func trainer(
    accumulation: Int, clipping: GradientClipping = .none, schedule: LearningRateSchedule = .constant,
    optimizer: any GradientOptimizer = Adam(learningRate: 0.02), runtime: RuntimeSettings = .unpinned(2),
    skipLimit: Int = 0
  ) throws -> Trainer {
    try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, schedule: schedule, clipping: clipping,
      transforms: UpdateTransforms(skipLimit: skipLimit, accumulation: accumulation), normalization: .none, seed: 3,
      runtime: runtime)
  }

  private static func flat(_ stages: [StageParameters]) -> [Float] {
    stages.flatMap { $0.weights + $0.bias + $0.slopes }
  }

  private static let clippings: [GradientClipping] = [
    .none, .value(0.02), .tensorNorm(0.05), .globalNorm(0.05), .adaptive(0.05),
  ]

  @Test("a step of K minibatches is that of one K times as large, whatever is around it", arguments: clippings)
  func likeOneLargeMinibatch(clipping: GradientClipping) throws {
    // 101 samples: steps of 48, 48 and 5.
    let data = try SmallProblem.samples(101)
    let schedule = LearningRateSchedule.cosine(warmUpEpochs: 0.5)
    for runtime in [RuntimeSettings.unpinned(2), .lanes(1, workers: 2)] {
      let large = try Self.trainer(accumulation: 1, clipping: clipping, schedule: schedule, runtime: runtime)
      let small = try Self.trainer(accumulation: 3, clipping: clipping, schedule: schedule, runtime: runtime)
      let expected = try large.fit(data, epochs: 2, batchSize: 48)
      let found = try small.fit(data, epochs: 2, batchSize: 16)
      #expect(found.stepCount == 6)
      #expect(found.epochs.map(\.learningRate) == expected.epochs.map(\.learningRate))
      for (one, other) in zip(found.epochs, expected.epochs) {
        #expect(abs(one.trainLoss - other.trainLoss) < 1e-5 * other.trainLoss)
        #expect(one.trainAccuracy == other.trainAccuracy)
      }
      let wanted = Self.flat(large.stageParameters).map(Double.init)
      #expect(Departure.of(Self.flat(small.stageParameters), from: wanted) < 2e-4, "\(clipping)")
      let other = try Self.trainer(accumulation: 2, clipping: clipping, schedule: schedule, runtime: runtime)
      _ = try other.fit(data, epochs: 2, batchSize: 16)
      #expect(Departure.of(Self.flat(other.stageParameters), from: wanted) > 1e-2)
    }
  }

  @Test("the same bits for any number of workers", arguments: clippings)
  func sameBits(clipping: GradientClipping) throws {
    let data = try SmallProblem.samples(301)
    func digest(_ runtime: RuntimeSettings, batchSize: Int) throws -> String {
      let trainer = try Self.trainer(accumulation: 3, clipping: clipping, runtime: runtime)
      _ = try trainer.fit(data, epochs: 2, batchSize: batchSize)
      return trainer.weightsSHA256()
    }
    let expected = try digest(.unpinned(1), batchSize: 40)
    for workers in [2, 3, 5, 8] { #expect(try digest(.unpinned(workers), batchSize: 40) == expected) }
    var together = RuntimeSettings.unpinned(4)
    together.phaseASplit = .units(groupSize: 2)
    #expect(try digest(together, batchSize: 40) == expected)
    // Lanes: the last step's second minibatch is one panel, so that a lane stays empty in it.
    let lanes = try digest(.lanes(2, workers: 1), batchSize: 70)
    for workers in [2, 3, 5] { #expect(try digest(.lanes(2, workers: workers), batchSize: 70) == lanes) }
  }

  @Test("operands in bfloat16 accumulate like others")
  func bfloat16() throws {
    let data = try SmallProblem.samples(96)
    func stages(_ accumulation: Int, batchSize: Int) throws -> [Float] {
      var runtime = RuntimeSettings.unpinned(2)
      runtime.precision = .bf16Emulated
      let trainer = try Self.trainer(accumulation: accumulation, optimizer: SGD(learningRate: 0.05), runtime: runtime)
      _ = try trainer.fit(data, epochs: 1, batchSize: batchSize)
      return Self.flat(trainer.stageParameters)
    }
    let wanted = try stages(1, batchSize: 48).map(Double.init)
    #expect(Departure.of(try stages(3, batchSize: 16), from: wanted) < 1e-3)
  }

  @Test("the plan says how many samples a step has, and counts steps")
  func plan() throws {
    let plan = try Self.trainer(accumulation: 4).plan(for: SmallProblem.samples(100), batchSize: 10)
    #expect(plan.accumulation == 4)
    #expect(plan.batchSize == 10)
    #expect(plan.stepsPerEpoch == 3)
    #expect(plan.description.contains("step      4 × 10 samples, 3 steps an epoch"))
    let parts = Dictionary(uniqueKeysWithValues: plan.memory.parts.map { ($0.name, $0.byteCount) })
    #expect(parts["gradients"] == parts["parameters"])
  }

  /// Linear before the softmax, so that what is too large stays so.
  private static let linear = Network(inputs: 5) {
    Dense(16)
    Dense(3, activation: .softmax)
  }

  /// Samples of which one is so large that sums of its features overflow.
  private static func overflowing(row: Int, of count: Int) throws -> DataSubset {
    var features = [Float](repeating: 0.25, count: count * 5)
    for index in 5 * row..<5 * (row + 1) { features[index] = 3e38 }
    return DataSubset(
      allOf: try Dataset(features: features, featureCount: 5, labels: (0..<count).map { $0 % 3 }, classCount: 3))
  }

  private static func linearTrainer(
    accumulation: Int, skipLimit: Int = 0, runtime: RuntimeSettings = .unpinned(2)
  ) throws -> Trainer {
    let trainer = try Trainer(
      linear, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.01),
      transforms: UpdateTransforms(skipLimit: skipLimit, accumulation: accumulation), normalization: .none, seed: 3,
      runtime: runtime)
    trainer.epochOrder = .sequential
    trainer.stageParameters[0].weights = (0..<16 * 5).map { 0.4 + 0.001 * Float($0) }
    return trainer
  }

  @Test("a bad sample is named in whichever minibatch of the step it lies", arguments: [3, 17, 40, 55, 63])
  func divergence(row: Int) throws {
    for runtime in [RuntimeSettings.unpinned(2), .lanes(1, workers: 2)] {
      let trainer = try Self.linearTrainer(accumulation: 3, runtime: runtime)
      let before = trainer.weightsSHA256()
      let error = #expect(throws: TrainingRuntimeError.self) {
        try trainer.fit(Self.overflowing(row: row, of: 64), epochs: 1, batchSize: 16)
      }
      #expect(error?.message.hasSuffix("for training row \(row)") == true, "\(error?.message ?? "")")
      #expect(error?.divergence?.row == row)
      #expect((trainer.weightsSHA256() == before) == (row < 48), "a step's parameters stay with a bad minibatch")
    }
  }

  @Test("a step that is left out is left out whole")
  func skipped() throws {
    // Rows 32 to 63 are the second of three steps.
    let skipping = try Self.linearTrainer(accumulation: 2, skipLimit: 1)
    let history = try skipping.fit(Self.overflowing(row: 50, of: 96), epochs: 1, batchSize: 16)
    #expect(history.stepCount == 3)
    #expect(history.epochs[0].skippedSteps == 1)
    let without = try Self.linearTrainer(accumulation: 2)
    let all = try Self.overflowing(row: 50, of: 96)
    let rows = (Array(0..<32) + Array(64..<96)).map { UInt32($0) }
    let expected = try without.fit(DataSubset(all.dataset, rows: rows), epochs: 1, batchSize: 16)
    #expect(skipping.weightsSHA256() == without.weightsSHA256())
    #expect(history.epochs[0].trainLoss == expected.epochs[0].trainLoss)
  }

  @Test("two calls of fit go on where one would")
  func callsContinue() throws {
    let data = try SmallProblem.samples(101)
    let once = try Self.trainer(accumulation: 3), twice = try Self.trainer(accumulation: 3)
    _ = try once.fit(data, epochs: 2, batchSize: 16)
    for _ in 0..<2 { _ = try twice.fit(data, epochs: 1, batchSize: 16) }
    #expect(once.weightsSHA256() == twice.weightsSHA256())
    #expect(twice.stepCount == 6)
  }

  @Test("what cannot work is refused")
  func refusals() {
    let hogwild = #expect(throws: TrainingRuntimeError.self) {
      try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
        transforms: UpdateTransforms(accumulation: 2), runtime: RuntimeSettings(reduction: .hogwild))
    }
    #expect(
      hogwild?.description
        == "gradientAccumulation cannot run with the reduction hogwild, where every minibatch is a step of its own; "
        + "use the reduction segmented or ownerComputes, or a larger batch")
    for count in [0, -1, 1 << 20 + 1] {
      let error = #expect(throws: GradientOptimizersError.self) {
        try UpdateTransforms(accumulation: count).validate()
      }
      #expect(error?.parameter == "gradientAccumulation")
    }
  }
}
