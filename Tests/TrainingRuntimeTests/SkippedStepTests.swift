import Fascicle
import Testing

@Suite("Steps whose loss or gradient is not finite")
struct SkippedStepTests {
  /// Linear before the softmax, so that what is too large stays so.
  private static let network = Network(inputs: 5) {
    Dense(16)
    Dense(3, activation: .softmax)
  }

  /// 80 points, of which rows 20 to 29 are so large that sums of a few of their features overflow.
  private static func dataset() throws -> Dataset {
    var random = PhiloxStream(seed: 8, stream: 2)
    var features = random.uniform(count: 80 * 5, reach: 1)
    for index in 20 * 5..<30 * 5 { features[index] = 3e38 }
    return try Dataset(
      features: features, featureCount: 5, labels: (0..<80).map { $0 % 3 }, classCount: 3, name: "points")
  }

  private static func trainer(
    skipLimit: Int, clipping: GradientClipping = .none, rate: Float = 0.1, workers: Int = 2,
    lanes: Bool = false, network: Network = network, transforms: UpdateTransforms = UpdateTransforms()
  ) throws -> Trainer {
    var transforms = transforms
    transforms.skipLimit = skipLimit
    let runtime =
      lanes
      ? RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, reduction: .segmented, lanes: .exactly(2))
      : .unpinned(workers)
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: rate), clipping: clipping,
      transforms: transforms, normalization: .none, seed: 3, runtime: runtime)
    trainer.epochOrder = .sequential
    return trainer
  }

  private static func rows(_ ranges: Range<Int>...) -> [UInt32] { ranges.flatMap { $0.map { UInt32($0) } } }

  @Test("a bad minibatch is left out as if it had not been there", arguments: [1, 2, 3])
  func badMinibatch(workers: Int) throws {
    let dataset = try Self.dataset()
    let skipping = try Self.trainer(skipLimit: 2, workers: workers), without = try Self.trainer(skipLimit: 0)
    let history = try skipping.fit(DataSubset(allOf: dataset), epochs: 2, batchSize: 10)
    let expected = try without.fit(
      DataSubset(dataset, rows: Self.rows(0..<20, 30..<80)), epochs: 2, batchSize: 10)
    #expect(skipping.weightsSHA256() == without.weightsSHA256())
    #expect(history.epochs.map(\.skippedSteps) == [1, 1])
    #expect(expected.epochs.map(\.skippedSteps) == [0, 0])
    #expect(history.epochs.map(\.trainLoss) == expected.epochs.map(\.trainLoss))
    #expect(history.epochs.map(\.trainAccuracy) == expected.epochs.map(\.trainAccuracy))
  }

  @Test("with lanes as well")
  func lanes() throws {
    let dataset = try Self.dataset(), all = DataSubset(allOf: dataset)
    let skipping = try Self.trainer(skipLimit: 1, lanes: true)
    let history = try skipping.fit(all, epochs: 2, batchSize: 40)
    #expect(history.epochs.map(\.skippedSteps) == [1, 1])
    #expect(history.epochs.allSatisfy { $0.trainLoss.isFinite })
    #expect(try skipping.fit(DataSubset(dataset, rows: Self.rows(40..<80)), epochs: 1, batchSize: 40).seconds > 0)
  }

  @Test("more in a row than allowed end the run, and so does the first where none is")
  func limits() throws {
    let dataset = try Self.dataset(), all = DataSubset(allOf: dataset)
    _ = try Self.trainer(skipLimit: 2).fit(all, epochs: 1, batchSize: 5)
    for (limit, step) in [(1, 6), (0, 5)] {
      let error = #expect(throws: TrainingRuntimeError.self) {
        try Self.trainer(skipLimit: limit).fit(all, epochs: 1, batchSize: 5)
      }
      #expect(error?.code == .diverged)
      #expect(
        error?.description.hasPrefix(
          "the loss is not a finite number in epoch 1, step \(step) of 16: layer 1 (dense 16) gives inf")
          == true, "\(error?.description ?? "")")
    }
  }

  @Test("slow weights and averages begin right when the first step is left out")
  func firstStepIsSkipped() throws {
    let dataset = try Self.dataset()
    for transforms in [
      UpdateTransforms(lookahead: Lookahead(steps: 2)), UpdateTransforms(averaging: .exponential(decay: 0.5)),
    ] {
      let trainer = try Self.trainer(skipLimit: 1, transforms: transforms)
      let initial = trainer.weightsSHA256()
      _ = try trainer.fit(DataSubset(dataset, rows: Self.rows(20..<30)), epochs: 1, batchSize: 10)
      #expect(trainer.weightsSHA256() == initial)
      let history = try trainer.fit(DataSubset(dataset, rows: Self.rows(30..<80)), epochs: 3, batchSize: 10)
      #expect(try trainer.evaluate(DataSubset(dataset, rows: Self.rows(30..<80))).loss < history.epochs[0].trainLoss)
    }
  }

  /// Inputs so large that the loss is finite, and the squares of its gradient are not.
  @Test(
    "a gradient whose norm is not finite is named, and does not pass as a step of length 0", arguments: [false, true])
  func infiniteNorm(lanes: Bool) throws {
    var features = [Float](repeating: 0.5, count: 64 * 5)
    features[3 * 5 + 1] = 1e25
    let dataset = try Dataset(
      features: features, featureCount: 5, labels: (0..<64).map { $0 % 3 }, classCount: 3, name: "points")
    let clipped = try Self.trainer(skipLimit: 0, clipping: .globalNorm(1), lanes: lanes, network: SmallProblem.network)
    let network = Network(inputs: 5) { Dense(3, activation: .softmax) }
    let linear = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.1), clipping: .globalNorm(1),
      normalization: .none, seed: 3, runtime: lanes ? .unpinned(2) : .unpinned(1))
    linear.stageParameters = [StageParameters(weights: [Float](repeating: 0, count: 15), bias: [0, 0, 0], slopes: [])]
    let before = linear.weightsSHA256()
    let error = #expect(throws: TrainingRuntimeError.self) {
      try linear.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 64)
    }
    #expect(
      error?.description.hasPrefix(
        "the gradient's norm is not a finite number in epoch 1, step 1 of 1: the loss is, but the gradient of the weights "
          + "of layer 1 (dense 3 softmax) is not") == true, "\(error?.description ?? "")")
    #expect(linear.weightsSHA256() == before)
    // Behind a tanh the gradient of the same inputs is 0, and nothing is wrong.
    _ = try clipped.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 64)
  }

  @Test("what needs an order of steps is refused beside hogwild, and two averages beside one another")
  func refusals() {
    func description(_ optimizer: any GradientOptimizer, _ transforms: UpdateTransforms, hogwild: Bool) -> String? {
      let runtime =
        hogwild
        ? RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild) : RuntimeSettings.unpinned(1)
      let error = #expect(throws: TrainingRuntimeError.self) {
        try Trainer(
          SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: optimizer, transforms: transforms,
          runtime: runtime)
      }
      return error?.description
    }
    #expect(
      description(SGD(), UpdateTransforms(skipLimit: 1), hogwild: true)?.contains("need steps in an order") == true)
    #expect(
      description(SGD(), UpdateTransforms(lookahead: Lookahead()), hogwild: true)?.contains("need steps in an order")
        == true)
    #expect(
      description(ScheduleFreeAdamW(), UpdateTransforms(averaging: .exponential(decay: 0.9)), hogwild: false)?
        .contains("averages by itself") == true)
  }
}
