import Fascicle
import Testing

/// The losses before each step of PyTorch's L-BFGS; `Oracle/generate_lbfgs.py` writes them.
private struct LBFGSOracle: Decodable, Sendable {
  let network: String
  let rows: [Row]

  struct Row: Decodable, Sendable {
    let label: String
    let history: Int
    let weightDecay: Float
    let losses: [Double]
  }

  static let shared: LBFGSOracle = OracleFile.decoded("lbfgs")

  func losses(_ lbfgs: LBFGS, runtime: RuntimeSettings, accumulation: Int = 1) throws -> [Double] {
    let problem = try #require(OracleFile.trajectories.networks[network])
    let dataset = try Dataset(
      features: problem.batches.flatMap(\.inputs), featureCount: problem.layers[0].inputs,
      targets: problem.batches.flatMap { $0.targets ?? [] }, targetCount: try #require(problem.layers.last).units)
    let trainer = try Trainer(
      problem.layers.network, loss: .meanSquaredError, optimizer: lbfgs,
      transforms: UpdateTransforms(accumulation: accumulation), normalization: .none, runtime: runtime)
    trainer.stageParameters = problem.parameters.map(\.stageParameters)
    let count = dataset.sampleCount, batchSize = (count + accumulation - 1) / accumulation
    let history = try trainer.fit(DataSubset(allOf: dataset), epochs: rows[0].losses.count, batchSize: batchSize)
    return history.epochs.map(\.trainLoss)
  }
}

@Suite("L-BFGS")
struct LBFGSTests {
  @Test("takes PyTorch's way down, and not that of another history or decay", arguments: 0..<2)
  func followsTheOracle(index: Int) throws {
    let oracle = LBFGSOracle.shared, row = oracle.rows[index]
    #expect(oracle.rows.count == 2)
    func departure(_ losses: [Double]) -> Double {
      zip(losses, row.losses).map { abs($0 - $1) / $1 }.max() ?? .infinity
    }
    let lbfgs = LBFGS(history: row.history, weightDecay: row.weightDecay)
    for (runtime, accumulation) in [(RuntimeSettings.unpinned(1), 1), (.unpinned(3), 1), (.unpinned(2), 4)] {
      let found = departure(try oracle.losses(lbfgs, runtime: runtime, accumulation: accumulation))
      #expect(found < 2e-3, "\(row.label)")
      print("L-BFGS, \(row.label): \(Departure.text(found))")
    }
    var wrong = [lbfgs, lbfgs, lbfgs]
    wrong[0].history = 1
    wrong[1].weightDecay += 0.01
    wrong[2].learningRate = 0.1
    for lbfgs in wrong { #expect(departure(try oracle.losses(lbfgs, runtime: .unpinned(2))) > 1e-2, "\(lbfgs)") }
  }

  private static func xor() throws -> DataSubset {
    DataSubset(
      allOf: try Dataset(
        features: [0, 0, 0, 1, 1, 0, 1, 1] as [Float], featureCount: 2, targets: [0, 1, 1, 0], targetCount: 1))
  }

  @Test("solves XOR in a few steps, which descent does not")
  func solvesXOR() throws {
    func loss(_ optimizer: any GradientOptimizer) throws -> Double {
      let network = Network(inputs: 2) {
        Dense(8, activation: .tanh)
        Dense(1)
      }
      let trainer = try Trainer(
        network, loss: .meanSquaredError, optimizer: optimizer, normalization: .none, seed: 5, runtime: .unpinned(2))
      _ = try trainer.fit(Self.xor(), epochs: 40, batchSize: 4)
      return try trainer.evaluate(Self.xor()).loss
    }
    #expect(try loss(LBFGS()) < 1e-5)
    #expect(try loss(SGD(learningRate: 0.1)) > 1e-2)
  }

  private static let network = Network(inputs: 5) {
    Dense(37, activation: .tanh)
    Dropout(0.1)
    Dense(9, activation: .preLU(), learning: LayerLearning(isFrozen: false))
    Dense(3, activation: .softmax)
  }

  private static func trainer(
    _ lbfgs: LBFGS = LBFGS(history: 4, weightDecay: 0.001), network: Network = network, workers: Int = 2,
    accumulation: Int = 1, precision: Precision = .f32, clipping: GradientClipping = .none,
    schedule: LearningRateSchedule = .constant, transforms: UpdateTransforms? = nil,
    reduction: GradientReduction = .ownerComputes, kernels: KernelSet? = nil
  ) throws -> Trainer {
    try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: lbfgs, schedule: schedule, clipping: clipping,
      transforms: transforms ?? UpdateTransforms(decayed: .weights, accumulation: accumulation), normalization: .none,
      seed: 4,
      runtime: RuntimeSettings(
        workers: .exactly(workers), pinsWorkers: false, reduction: reduction, precision: precision),
      kernels: kernels ?? .selected())
  }

  @Test("the same bits for any number of workers and every instruction set", arguments: [1, 3])
  func sameBits(accumulation: Int) throws {
    let data = try SmallProblem.samples(101)
    func digest(_ workers: Int, kernels: KernelSet? = nil) throws -> String {
      let trainer = try Self.trainer(workers: workers, accumulation: accumulation, kernels: kernels)
      _ = try trainer.fit(data, epochs: 8, batchSize: accumulation == 1 ? 101 : 40)
      return trainer.weightsSHA256()
    }
    let expected = try digest(1)
    for workers in [2, 3, 5, 8] { #expect(try digest(workers) == expected, "\(workers) workers") }
    for instructionSet in InstructionSet.runnable {
      #expect(try digest(2, kernels: KernelSet(instructionSet)) == expected, "\(instructionSet)")
    }
  }

  /// Nothing drawn, so that what a step has evaluated holds for the next.
  private static let plain = Network(inputs: 5) {
    Dense(20, activation: .tanh)
    Dense(3, activation: .softmax)
  }

  @Test("never climbs, ends far below descent, and goes on from call to call, from what early stopping keeps too")
  func descends() throws {
    let data = try SmallProblem.samples(150)
    let once = try Self.trainer(network: Self.plain)
    let losses = try once.fit(data, epochs: 40, batchSize: 150).epochs.map(\.trainLoss)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * 1.02 }, "\(losses)")
    #expect(losses[39] < 0.2 * losses[0])
    let twice = try Self.trainer(network: Self.plain)
    for epochs in [15, 25] { _ = try twice.fit(data, epochs: epochs, batchSize: 150) }
    // Another order of the samples rounds otherwise, where a call evaluates anew what the one before left.
    let first = once.stageParameters.flatMap { $0.weights + $0.bias }.map(Double.init)
    #expect(Departure.of(twice.stageParameters.flatMap { $0.weights + $0.bias }, from: first) < 0.2)
    let kept = try Self.trainer(network: Self.plain)
    let history = try kept.fit(
      data, epochs: 10, batchSize: 150, earlyStopping: EarlyStopping(monitor: .trainLoss, patience: 20))
    #expect(history.epochs.count == 10)
  }

  @Test("operands in bfloat16 descend as well")
  func bfloat16() throws {
    let trainer = try Self.trainer(network: Self.plain, precision: .bf16Emulated)
    let losses = try trainer.fit(SmallProblem.samples(150), epochs: 20, batchSize: 150).epochs.map(\.trainLoss)
    #expect(try #require(losses.last) < 0.5 * losses[0])
  }

  @Test("what is frozen stays")
  func frozen() throws {
    var network = Self.plain
    network.layers[0] = .dense(Dense(20, activation: .tanh, learning: LayerLearning(isFrozen: true)))
    let trainer = try Self.trainer(network: network), before = trainer.stageParameters
    _ = try trainer.fit(SmallProblem.samples(), epochs: 5, batchSize: 100)
    #expect(trainer.stageParameters[0] == before[0])
    #expect(trainer.stageParameters[1] != before[1])
  }

  @Test("steps allocate nothing", .enabled(if: AllocationAccount.isAvailable, "a sanitizer brings its own allocator"))
  func allocations() throws {
    func calls(_ epochs: Int) throws -> Int {
      let trainer = try Self.trainer(), data = try SmallProblem.samples(64)
      _ = try trainer.fit(data, epochs: 1, batchSize: 64)
      let account = AllocationAccount()
      _ = try account.watchingWorkers(of: trainer) { try trainer.fit(data, epochs: epochs, batchSize: 64) }
      return account.callCount
    }
    #expect(try calls(30) == calls(10))
  }

  @Test("a loss that is no number ends it as ever, with the row")
  func divergence() throws {
    var features = [Float](repeating: 0.25, count: 40 * 5)
    for index in 5 * 17..<5 * 18 { features[index] = index % 2 == 0 ? 3e38 : -3e38 }
    let data = try Dataset(features: features, featureCount: 5, labels: (0..<40).map { $0 % 3 }, classCount: 3)
    let network = Network(inputs: 5) {
      Dense(16)
      Dense(3, activation: .softmax)
    }
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Self.trainer(network: network).fit(DataSubset(allOf: data), epochs: 2, batchSize: 40)
    }
    #expect(error?.code == .diverged)
    #expect(error?.divergence?.row == 17)
  }

  @Test("what would change its function is refused with the reason")
  func refusals() throws {
    func reason(_ make: () throws -> Trainer) -> String {
      #expect(throws: TrainingRuntimeError.self) { try make() }?.description ?? ""
    }
    let penalized = Network(inputs: 5) { Dense(3, activation: .softmax, learning: LayerLearning(weights: .l2(0.1))) }
    let reasons = [
      reason { try Self.trainer(clipping: .globalNorm(1)) }, reason { try Self.trainer(schedule: .cosine()) },
      reason { try Self.trainer(transforms: UpdateTransforms(lookahead: Lookahead())) },
      reason { try Self.trainer(reduction: .segmented) }, reason { try Self.trainer(reduction: .hogwild) },
      reason { try Self.trainer(network: penalized) },
    ]
    for (reason, part) in zip(
      reasons,
      [
        "a clipped gradient; leave clipNorm out", "the schedule cosine", "averages, lookahead or skipped steps",
        "the reduction segmented", "the reduction hogwild", "as layer 1 (dense 3 softmax) has",
      ])
    {
      #expect(reason.hasPrefix("the optimizer lbfgs searches along lines for the least loss, so it cannot have "))
      #expect(reason.contains(part), "\(reason)")
    }
    let minibatch = #expect(throws: TrainingRuntimeError.self) {
      try Self.trainer().fit(SmallProblem.samples(), epochs: 1, batchSize: 32)
    }
    #expect(
      minibatch?.description
        == "the optimizer lbfgs needs all 100 samples in every step, but a step has 32; use a batch size of 100, or a "
        + "gradientAccumulation that reaches it with less memory")
    for lbfgs in [LBFGS(learningRate: 0), LBFGS(history: 0), LBFGS(history: 33), LBFGS(evaluations: 1)] {
      #expect(throws: GradientOptimizersError.self) { try lbfgs.validate() }
    }
  }

  @Test("the line search finds points that satisfy Wolfe's conditions")
  func wolfeConditions() throws {
    let functions: [(value: (Double) -> Double, slope: (Double) -> Double)] = [
      ({ ($0 - 3) * ($0 - 3) }, { 2 * ($0 - 3) }),
      ({ -$0 / ($0 * $0 + 2) }, { ($0 * $0 - 2) / (($0 * $0 + 2) * ($0 * $0 + 2)) }),
      ({ $0 > 4 ? .infinity : ($0 - 3.5) * ($0 - 3.5) }, { 2 * ($0 - 3.5) }),
    ]
    for function in functions {
      for first in [1e-3, 0.1, 1, 10, 1000] {
        let start = WolfeSearch.Point(length: 0, value: function.value(0), slope: function.slope(0))
        let found = try WolfeSearch(start: start, largestElement: 1, evaluationLimit: 50).search(from: first) {
          WolfeSearch.Point(length: $0, value: function.value($0), slope: function.slope($0))
        }
        #expect(found.value <= start.value + 1e-4 * found.length * start.slope)
        #expect(abs(found.slope) <= 0.9 * abs(start.slope), "from \(first): \(found)")
      }
    }
  }
}
