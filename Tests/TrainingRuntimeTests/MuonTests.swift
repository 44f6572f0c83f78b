import Fascicle
import Testing

/// What PyTorch's Muon and AdamW make of ten steps; `Oracle/generate_muon.py` writes it.
private struct MuonOracle: Decodable, Sendable {
  let steps: Int
  let rows: [Row]

  struct Row: Decodable, Sendable {
    let label: String
    let network: String
    let matrices: String
    let learningRate: Float
    let momentum: Float
    let nesterov: Bool
    let weightDecay: Float
    let adamLearningRate: Float
    let beta1: Float
    let beta2: Float
    let epsilon: Float
    let parameters: [OracleFile.LayerParameters]

    var muon: Muon {
      Muon(
        learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay,
        matrices: Muon.Matrices(rawValue: matrices) ?? .hidden, adamLearningRate: adamLearningRate, beta1: beta1,
        beta2: beta2, epsilon: epsilon)
    }
  }

  static let shared: MuonOracle = OracleFile.decoded("muon")

  func stages(
    _ optimizer: any GradientOptimizer, on name: String, runtime: RuntimeSettings = .unpinned(2)
  ) throws -> [StageParameters] {
    let problem = try #require(OracleFile.trajectories.networks[name])
    let trainer = try Trainer(
      problem.layers.network, loss: try #require(Loss.named(problem.loss)), optimizer: optimizer,
      normalization: .none, runtime: runtime)
    trainer.epochOrder = .sequential
    trainer.stageParameters = problem.parameters.map(\.stageParameters)
    for minibatch in try problem.minibatches.prefix(steps) {
      _ = try trainer.fit(minibatch, epochs: 1, batchSize: problem.batch)
    }
    return trainer.stageParameters
  }
}

@Suite("Muon")
struct MuonTests {
  @Test("ends where PyTorch's does, and not where a rule that is a little off would", arguments: 0..<3)
  func followsTheOracle(index: Int) throws {
    let oracle = MuonOracle.shared, row = oracle.rows[index]
    #expect(oracle.rows.count == 3)
    for runtime in [RuntimeSettings.unpinned(1), .unpinned(3)] {
      let departure = TransformCase.departure(
        try oracle.stages(row.muon, on: row.network, runtime: runtime), from: row.parameters)
      #expect(departure < 5e-5, "\(row.label)")
      print("Muon, \(row.label): \(Departure.text(departure))")
    }
    var wrong = [row.muon, row.muon, row.muon, row.muon]
    wrong[0].momentum *= 0.98
    wrong[1].nesterov.toggle()
    wrong[2].matrices = row.matrices == "all" ? .butLast : .all
    wrong[3].adamLearningRate *= 1.05
    for muon in wrong {
      let found = try oracle.stages(muon, on: row.network)
      #expect(TransformCase.departure(found, from: row.parameters) > 5e-4, "\(muon) passes for \(row.label)")
    }
  }

  /// One step's change of a layer's weights beside the iteration written down plainly.
  @Test(
    "the direction is the iteration's, whatever the sides of the matrix",
    arguments: [(1, 40), (40, 1), (5, 7), (37, 34), (33, 65), (65, 33), (70, 13), (16, 96), (32, 32)])
  func directions(inputs: Int, units: Int) throws {
    let network = Network(inputs: inputs) {
      Dense(units, activation: .tanh)
      Dense(3)
    }
    var random = PhiloxStream(seed: 3, stream: 8)
    let dataset = try Dataset(
      features: random.uniform(count: 60 * inputs, reach: 1), featureCount: inputs,
      targets: random.uniform(count: 60 * 3, reach: 1), targetCount: 3)
    func weights(_ optimizer: any GradientOptimizer, _ runtime: RuntimeSettings) throws -> [[Float]] {
      let trainer = try Trainer(
        network, loss: .meanSquaredError, optimizer: optimizer, normalization: .none, seed: 6, runtime: runtime)
      let before = trainer.stageParameters[0].weights
      _ = try trainer.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 60)
      return [before, trainer.stageParameters[0].weights]
    }
    let gradient = try weights(GradientRecorder(), .unpinned(1))[1]
    let scale = max(1, Double(units) / Double(inputs)).squareRoot()
    let expected = Self.orthogonal(gradient.map(Double.init), rows: units, columns: inputs).map { $0 * scale }
    for runtime in [RuntimeSettings.unpinned(2), .lanes(2, workers: 3)] {
      let moved = try weights(
        Muon(learningRate: 1, momentum: 0, nesterov: false, matrices: .butLast), runtime)
      let direction = zip(moved[0], moved[1]).map { Double($0) - Double($1) }
      #expect(Departure.of(direction, from: expected) < 1e-4, "\(units) × \(inputs)")
    }
  }

  /// Newton and Schulz' iteration as its equation has it.
  private static func orthogonal(_ values: [Double], rows: Int, columns: Int) -> [Double] {
    func product(_ left: [Double], _ right: [Double], _ m: Int, _ k: Int, _ n: Int) -> [Double] {
      (0..<m * n).map { index in
        (0..<k).reduce(0.0) { $0 + left[index / n * k + $1] * right[$1 * n + index % n] }
      }
    }
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = values.map { $0 / norm }
    for _ in 0..<5 {
      let transposed = (0..<rows * columns).map { x[$0 % rows * columns + $0 / rows] }
      let square = product(x, transposed, rows, columns, rows)
      let fourth = product(square, square, rows, rows, rows)
      let polynomial = zip(square, fourth).map { -4.775 * $0 + 2.0315 * $1 }
      x = zip(x, product(polynomial, x, rows, rows, columns)).map { 3.4445 * $0 + $1 }
    }
    return x
  }

  private static let network = Network(inputs: 5) {
    Dense(40, activation: .tanh)
    Dense(70, activation: .preLU(), learning: LayerLearning(weights: .l2(0.001), rateFactor: 0.5))
    Dense(33, activation: .tanh, learning: LayerLearning(constraint: .maxNorm(limit: 2)))
    Dense(3, activation: .softmax)
  }

  private static func rule(
    _ muon: Muon = Muon(matrices: .butLast, adamLearningRate: 0.01), network: Network = network
  ) -> WholeTensorRule {
    WholeTensorRule(optimizer: muon, network: network)
  }

  @Test(
    "the same bits for any number of workers and every instruction set",
    arguments: [GradientClipping.none, .value(0.01), .globalNorm(0.05), .adaptive(0.1)])
  func sameBits(clipping: GradientClipping) throws {
    let muon = Muon(weightDecay: 0.1, matrices: .all)
    try Self.rule(muon).expectSameBits(on: SmallProblem.samples(120), clipping: clipping)
  }

  @Test("learns, with operands in bfloat16 too, and goes on from call to call")
  func learns() throws {
    try Self.rule().expectLearning(on: SmallProblem.samples(200), below: 0.3)
  }

  @Test("what is frozen stays, and a gradient of zero moves nothing")
  func restingMatrices() throws {
    var network = Self.network
    network.layers[1] = .dense(Dense(70, activation: .relu, learning: LayerLearning(isFrozen: true)))
    // Dead from the start: no gradient reaches the layers below.
    network.layers[2] = .dense(Dense(33, activation: .relu, initialBias: -1e6))
    let trainer = try Self.rule(network: network).trainer(), before = trainer.stageParameters
    _ = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 20)
    #expect(trainer.stageParameters[0].weights == before[0].weights)
    #expect(trainer.stageParameters[1] == before[1])
    #expect(trainer.stageParameters[2].weights == before[2].weights)
    #expect(trainer.stageParameters[3].bias != before[3].bias)
  }

  @Test("refused without a matrix to move, and where workers don't meet")
  func refusals() throws {
    let none = #expect(throws: TrainingRuntimeError.self) {
      try Self.rule(Muon(), network: SmallProblem.network).trainer()
    }
    #expect(
      none?.description
        == "the optimizer muon finds no weight matrix to move: with matrices hidden a network of 2 dense layers has none "
        + "that learns; use adamw, or let it move more with matrices: butLast")
    let hogwild = #expect(throws: TrainingRuntimeError.self) {
      try Self.rule().trainer(runtime: RuntimeSettings(reduction: .hogwild))
    }
    #expect(hogwild?.description.contains("works on whole matrices, for which workers must meet") == true)
    for muon in [Muon(learningRate: 0), Muon(momentum: 1), Muon(adamLearningRate: -1), Muon(beta2: 1)] {
      #expect(throws: GradientOptimizersError.self) { try muon.validate() }
    }
  }

  @Test("the plan has its memory")
  func plan() throws {
    let parts = try Self.rule().trainer().plan(for: SmallProblem.samples(), batchSize: 20).memory.parts
    #expect(parts.contains { $0.name == "orthogonal directions" && $0.byteCount > 0 })
  }
}
