import Fascicle
import Testing

@Suite("A sweep over learning rates")
struct RateSweepTests {
  /// Linear regression, whose descent leaves for certain once the rate is beyond twice the inverse of the curvature.
  private static func trainer(
    _ optimizer: any GradientOptimizer = SGD(), workers: Int = 2, transforms: UpdateTransforms = UpdateTransforms()
  ) throws -> Trainer {
    try Trainer(
      Network(inputs: 4) { Dense(1) }, loss: .meanSquaredError, optimizer: optimizer, transforms: transforms,
      normalization: .none, seed: 3, runtime: .unpinned(workers))
  }

  private static func samples(_ count: Int = 256) throws -> DataSubset {
    var random = PhiloxStream(seed: 7, stream: 3)
    let rows = (0..<count).map { _ in random.uniform(count: 4, reach: 1) }
    let targets = rows.map { 3 * $0[0] - 2 * $0[1] + $0[2] + 1 }
    return DataSubset(
      allOf: try Dataset(features: rows.flatMap { $0 }, featureCount: 4, targets: targets, targetCount: 1))
  }

  @Test("finds where the loss falls and where it leaves; the rate that it suggests learns, a hundred times it does not")
  func findsARate() throws {
    let data = try Self.samples(), trainer = try Self.trainer()
    let sweep = try trainer.findLearningRate(data, from: 1e-5, to: 1000, batchSize: 32)
    let steepest = try #require(sweep.steepestRate), diverged = try #require(sweep.divergedRate)
    let suggested = try #require(sweep.suggestedRate)
    // The curvatures of this problem are about 2/3 along the weights and 2 along the bias.
    #expect((0.003...1).contains(steepest), "\(steepest)")
    #expect((0.5...100).contains(diverged), "\(diverged)")
    #expect(suggested == min(steepest, diverged / 10))
    #expect(sweep.points.count < 100)
    #expect(sweep.points[0].rate == 1e-5)
    #expect(zip(sweep.points, sweep.points.dropFirst()).allSatisfy { $0.rate < $1.rate })
    func lastLoss(_ rate: Float) throws -> Double {
      let trainer = try Self.trainer(SGD(learningRate: rate))
      let history = try trainer.fit(data, epochs: 20, batchSize: 32)
      return try #require(history.epochs.last).trainLoss
    }
    #expect(try lastLoss(suggested) < 0.2 * sweep.points[0].loss)
    #expect(throws: TrainingRuntimeError.self) { _ = try lastLoss(100 * diverged) }
  }

  @Test("leaves nothing behind: a run begins with the same bits as without it", arguments: [1, 3])
  func leavesNothing(workers: Int) throws {
    let data = try SmallProblem.samples(90)
    func trainer() throws -> Trainer {
      try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.01),
        transforms: UpdateTransforms(averaging: .exponential(decay: 0.9), lookahead: Lookahead(), accumulation: 2),
        normalization: .standardize, seed: 3, runtime: .unpinned(workers))
    }
    let swept = try trainer(), plain = try trainer()
    for _ in 0..<2 {
      let before = swept.weightsSHA256(), steps = swept.stepCount
      let sweep = try swept.findLearningRate(data, steps: 40, batchSize: 16)
      #expect(!sweep.points.isEmpty)
      #expect(swept.weightsSHA256() == before)
      #expect(swept.stepCount == steps)
      for one in [swept, plain] { _ = try one.fit(data, epochs: 2, batchSize: 16) }
      #expect(swept.weightsSHA256() == plain.weightsSHA256())
    }
  }

  @Test("the same losses for any number of workers, and for every sweep")
  func sameBits() throws {
    let data = try Self.samples(100)
    let expected = try Self.trainer(Adam(), workers: 1).findLearningRate(data, batchSize: 16)
    for workers in [2, 3, 5, 8] {
      let trainer = try Self.trainer(Adam(), workers: workers)
      #expect(try trainer.findLearningRate(data, batchSize: 16) == expected)
      #expect(try trainer.findLearningRate(data, batchSize: 16) == expected)
    }
  }

  @Test("rates too small to move anything suggest none")
  func flat() throws {
    let sweep = try Self.trainer().findLearningRate(Self.samples(64), from: 1e-30, to: 1e-25, steps: 20, batchSize: 64)
    #expect(sweep.points.count == 20)
    #expect(sweep.steepestRate == nil && sweep.suggestedRate == nil && sweep.divergedRate == nil)
  }

  @Test("a loss that is no number ends it at that rate, also where such steps are left out")
  func infinite() throws {
    for transforms in [UpdateTransforms(), UpdateTransforms(skipLimit: 5)] {
      let sweep = try Self.trainer(transforms: transforms).findLearningRate(
        Self.samples(), from: 1e-2, to: 1e38, steps: 12, batchSize: 32)
      #expect(sweep.divergedRate != nil)
      #expect(sweep.points.allSatisfy { $0.loss.isFinite })
    }
  }

  @Test("a request to stop ends it, and what was measured is judged")
  func stop() throws {
    var asked = 0
    let sweep = try Self.trainer().findLearningRate(Self.samples(), batchSize: 32) {
      asked += 1
      return asked > 15 ? .stop : .proceed
    }
    #expect(sweep.points.count == 15)
  }

  @Test("what cannot be swept is refused")
  func refusals() throws {
    let data = try Self.samples(64)
    for (low, high): (Float, Float) in [(0, 1), (-1, 1), (1, 1), (2, 1), (.nan, 1), (1, .infinity)] {
      let error = #expect(throws: TrainingRuntimeError.self) {
        try Self.trainer().findLearningRate(data, from: low, to: high)
      }
      #expect(error?.code == .setting)
    }
    #expect(throws: TrainingRuntimeError.self) { try Self.trainer().findLearningRate(data, steps: 9) }
    for optimizer: any GradientOptimizer in [Rprop(), Quickprop()] {
      let error = #expect(throws: TrainingRuntimeError.self) { try Self.trainer(optimizer).findLearningRate(data) }
      #expect(error?.description.contains("finds the lengths of its steps itself") == true)
    }
    let hogwild = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
      runtime: RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild))
    #expect(throws: TrainingRuntimeError.self) { try hogwild.findLearningRate(SmallProblem.samples()) }
  }
}
