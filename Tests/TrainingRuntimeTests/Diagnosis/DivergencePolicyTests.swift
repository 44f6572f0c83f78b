import Fascicle
import Testing

@Suite("What happens when a run diverges")
struct DivergencePolicyTests {
  /// Points of which one row overflows the first layer's sums.
  private static func points(_ count: Int, badRow: Int) throws -> DataSubset {
    var random = PhiloxStream(seed: 8, stream: 2)
    var features = random.uniform(count: count * 4, reach: 1)
    for feature in 0..<4 { features[4 * badRow + feature] = 3e38 }
    return DataSubset(
      allOf: try Dataset(features: features, featureCount: 4, labels: (0..<count).map { $0 % 3 }, classCount: 3))
  }

  private static let network = Network(inputs: 4) {
    Dense(8)
    Dense(3, activation: .softmax)
  }

  private static func trainer(
    _ policy: DivergencePolicy, _ optimizer: any GradientOptimizer = SGD(learningRate: 0.1), workers: Int = 2,
    transforms: UpdateTransforms = UpdateTransforms()
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, transforms: transforms, normalization: .none,
      seed: 3, runtime: .unpinned(workers))
    trainer.onDivergence = policy
    return trainer
  }

  @Test("one bad row of 60,000 is found, with its layer, phase, step and the values that led there", arguments: [1, 2])
  func badRow(workers: Int) throws {
    let trainer = try Self.trainer(.stop, workers: workers)
    trainer.epochOrder = .sequential
    let error = #expect(throws: TrainingRuntimeError.self) {
      try trainer.fit(Self.points(60_000, badRow: 43_210), epochs: 1, batchSize: 128)
    }
    let report = try #require(error?.divergence)
    #expect(report.row == 43_210)
    #expect((report.epoch, report.step) == (1, 43_210 / 128 + 1))
    #expect(report.phase == .forward)
    #expect(report.layer == "layer 1 (dense 8)")
    #expect(!report.value.isFinite && report.unit != nil)
    #expect(report.ranges.map(\.name) == ["input", "layer 1 (dense 8)", "layer 2 (dense 3 softmax)"])
    #expect(report.ranges[0].finite?.upperBound == 3e38 && report.ranges[0].badCount == 0)
    #expect(report.ranges[1].badCount > 0 && report.ranges[2].badCount == 3)
  }

  @Test("a NaN among the features is refused before training, with its row")
  func nanRow() throws {
    var features = [Float](repeating: 0.5, count: 60_000 * 2)
    features[2 * 43_210 + 1] = .nan
    let error = #expect(throws: TrainingDataError.self) {
      try Dataset(features: features, featureCount: 2, labels: [Int](repeating: 0, count: 60_000))
    }
    #expect(error?.code == .valueNotFinite)
    #expect(error?.message.contains("43210") == true, "\(error?.message ?? "")")
  }

  @Test("a gradient that is not finite is followed to the layer and row where it began")
  func gradientPhase() throws {
    let trainer = try Trainer(
      Network(inputs: 2) {
        Dense(2, activation: .exponential)
        Dense(2)
      }, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1), clipping: .globalNorm(1), normalization: .none,
      runtime: .unpinned(1))
    trainer.epochOrder = .sequential
    // e^50 times a gradient of 1e30 overflows on the way back; the loss itself is small.
    trainer.stageParameters = [
      StageParameters(weights: [0, 0, 50, 0], bias: [0, 0]), StageParameters(weights: [0, 0, 0, 0], bias: [1e15, 0]),
    ]
    let data = try Dataset(
      features: [0, 0, 0, 0, 1, 0] as [Float], featureCount: 2, targets: [0, 0, 0, 0, 0, 0], targetCount: 2)
    let error = #expect(throws: TrainingRuntimeError.self) {
      try trainer.fit(DataSubset(allOf: data), epochs: 1, batchSize: 3)
    }
    #expect(error?.divergence?.phase == .gradient || error?.divergence?.phase == .backward)
    #expect(error?.divergence?.layer != nil)
  }

  @Test("skip leaves the minibatch out, as the transform does, and other minibatches have the same bits")
  func skip() throws {
    let data = try Self.points(80, badRow: 25)
    let skipping = try Self.trainer(.skip()), transform = try Self.trainer(.stop, transforms: .init(skipLimit: 10))
    let history = try skipping.fit(data, epochs: 3, batchSize: 10)
    _ = try transform.fit(data, epochs: 3, batchSize: 10)
    #expect(history.epochs.map(\.skippedSteps) == [1, 1, 1])
    for epoch in history.epochs {
      #expect(epoch.skips.map(\.rows) == [[25]])
      #expect(epoch.skips[0].message.contains("for training row 25"), "\(epoch.skips[0].message)")
    }
    #expect(skipping.weightsSHA256() == transform.weightsSHA256())
  }

  @Test("every row that a minibatch is left out for is told, by each worker and lane alike", arguments: [1, 2, 3])
  func skippedRows(workers: Int) throws {
    var random = PhiloxStream(seed: 8, stream: 2)
    var features = random.uniform(count: 200 * 4, reach: 1)
    for row in [3, 77, 78, 130] { for feature in 0..<4 { features[4 * row + feature] = 3e38 } }
    let data = DataSubset(
      allOf: try Dataset(features: features, featureCount: 4, labels: (0..<200).map { $0 % 3 }, classCount: 3))
    for reduction in [GradientReduction.ownerComputes, .segmented] {
      let trainer = try Trainer(
        Self.network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.1), normalization: .none, seed: 3,
        runtime: RuntimeSettings(
          workers: .exactly(workers), pinsWorkers: false, reduction: reduction,
          lanes: reduction == .segmented ? .exactly(2) : .automatic))
      trainer.onDivergence = .skip()
      trainer.epochOrder = .sequential
      let skips = try trainer.fit(data, epochs: 1, batchSize: 40).epochs[0].skips
      #expect(skips.map(\.step) == [1, 2, 4])
      #expect(skips.map(\.rows) == [[3], [77, 78], [130]])
    }
  }

  @Test("of many skipped steps the first are told; a gradient that no row shows alone names the whole minibatch")
  func manySkips() throws {
    var random = PhiloxStream(seed: 8, stream: 2)
    var features = random.uniform(count: 200 * 4, reach: 1)
    for row in stride(from: 0, to: 200, by: 5) { features[4 * row] = 3e38 }
    let data = DataSubset(
      allOf: try Dataset(features: features, featureCount: 4, labels: (0..<200).map { $0 % 3 }, classCount: 3))
    let trainer = try Self.trainer(.skip(inARow: 100))
    trainer.epochOrder = .sequential
    var parameters = trainer.stageParameters
    for place in parameters[0].weights.indices { parameters[0].weights[place] *= 10 }
    trainer.stageParameters = parameters
    let report = try trainer.fit(data, epochs: 1, batchSize: 5).epochs[0]
    #expect(report.skippedSteps == 40)
    #expect(report.skips.map(\.rows) == (0..<SkippedStep.limit).map { [5 * $0] })
  }

  /// Features whose gradient descent diverges within an epoch unless the rate is small.
  private static func steep() throws -> DataSubset {
    var random = PhiloxStream(seed: 1, stream: 1)
    return DataSubset(
      allOf: try Dataset(
        features: random.uniform(count: 500, reach: 30), featureCount: 5, targets: random.uniform(count: 300, reach: 1),
        targetCount: 3))
  }

  private static func steepTrainer(rate: Float, _ policy: DivergencePolicy, workers: Int) throws -> Trainer {
    let trainer = try Trainer(
      Network(inputs: 5) {
        Dense(16)
        Dense(3)
      }, loss: .meanSquaredError, optimizer: SGD(learningRate: rate, momentum: 0.5), normalization: .none, seed: 3,
      runtime: .unpinned(workers))
    trainer.onDivergence = policy
    return trainer
  }

  @Test("a roll-back halves the rate until the run holds, with the bits of a run that began so", arguments: [1, 2, 3])
  func rollBack(workers: Int) throws {
    let trainer = try Self.steepTrainer(rate: 0.0625, .rollBack(atMost: 12), workers: workers)
    var events: [RollBack] = []
    let history = try trainer.fit(Self.steep(), epochs: 6, batchSize: 2) { event in
      if case .rolledBack(let rollBack) = event { events.append(rollBack) }
      return .proceed
    }
    let last = try #require(history.rollBacks.last)
    #expect(events == history.rollBacks)
    #expect(history.epochs.count == 6 && history.epochs.allSatisfy { $0.trainLoss.isFinite })
    #expect(history.rollBacks.map(\.rateFactor) == (1...history.rollBacks.count).map { 1 / Float(1 << $0) })
    #expect(history.epochs[5].learningRate == 0.0625 * last.rateFactor)
    #expect(trainer.stepCount == history.stepCount && history.stepCount == 6 * 50)
    // All roll-backs were in the first epoch, so nothing is left of the higher rates.
    try #require(history.rollBacks.allSatisfy { $0.epoch == 1 })
    let small = try Self.steepTrainer(rate: 0.0625 * last.rateFactor, .stop, workers: 1)
    _ = try small.fit(Self.steep(), epochs: 6, batchSize: 2)
    #expect(trainer.weightsSHA256() == small.weightsSHA256())
  }

  @Test("a roll-back in a later epoch goes back to the end of the epoch before, optimizer state and all")
  func laterRollBack() throws {
    let poison = PoisonedMomentum.Poison(atStep: 10 + 4)
    let data = try SmallProblem.samples(100)
    func trainer(_ poison: PoisonedMomentum.Poison, _ schedule: LearningRateSchedule) throws -> Trainer {
      try SmallProblem.trainer(PoisonedMomentum(poison: poison), schedule: schedule, workers: 1)
    }
    let poisoned = try trainer(poison, .constant)
    poisoned.onDivergence = .rollBack()
    let history = try poisoned.fit(data, epochs: 3, batchSize: 10)
    #expect(history.rollBacks.map(\.epoch) == [2])
    // The same as a run whose rate is halved after the first epoch.
    let halved = try trainer(PoisonedMomentum.Poison(atStep: -1), .multiStep(milestones: [1], factor: 0.5))
    _ = try halved.fit(data, epochs: 3, batchSize: 10)
    #expect(poisoned.weightsSHA256() == halved.weightsSHA256())
  }

  @Test("what no rate cures ends the run after so many attempts")
  func rollBackIsBounded() throws {
    let trainer = try Self.trainer(.rollBack(atMost: 2))
    let error = #expect(throws: TrainingRuntimeError.self) {
      try trainer.fit(Self.points(80, badRow: 25), epochs: 3, batchSize: 10)
    }
    #expect(error?.message.hasSuffix("(after 2 roll-backs)") == true)
    #expect(error?.hint?.contains("onDivergence: skip") == true)
    #expect(error?.divergence?.row == 25)
  }

  @Test("limits out of range, and skips without an order of steps, are refused")
  func refusals() throws {
    for policy in [DivergencePolicy.skip(inARow: 0), .rollBack(atMost: 0)] {
      let trainer = try Self.trainer(policy)
      #expect(throws: TrainingRuntimeError.self) { try trainer.fit(Self.points(80, badRow: 25), epochs: 1) }
    }
    let hogwild = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
      runtime: RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild))
    hogwild.onDivergence = .skip()
    let error = #expect(throws: TrainingRuntimeError.self) { try hogwild.fit(SmallProblem.samples(), epochs: 1) }
    #expect(error?.message.contains("whose steps have no order") == true)
  }
}

/// Momentum that ruins its parameters once, at a given step.
private struct PoisonedMomentum: GradientOptimizer {
  /// - Concurrency: one worker's.
  final class Poison: @unchecked Sendable {
    var step: Int
    init(atStep step: Int) { self.step = step }
  }

  let poison: Poison
  var name: String { "poisoned" }
  var learningRate: Float { 0.1 }
  var stateSlotCount: Int { 1 }

  func update(_ slice: ParameterSlice) {
    let isBad = slice.step == poison.step, state = slice.state(0)
    for index in 0..<slice.count {
      state[index] = 0.5 * state[index] + slice.gradient(at: index)
      slice.parameters[index] -= slice.learningRate * state[index]
      if isBad { slice.parameters[index] = .nan }
    }
    if isBad { poison.step = -1 }
  }
}
