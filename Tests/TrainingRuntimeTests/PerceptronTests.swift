import Fascicle
import Testing

/// What scikit-learn's perceptron does sample after sample; `Oracle/generate_perceptron.py` writes it.
private struct PerceptronOracle: Decodable, Sendable {
  let rate: Float
  let features: Int
  let inputs: [Float]
  let labels: [Int]
  let cases: [Case]

  struct Case: Decodable, Sendable {
    let units: Int
    let passes: Int
    let start: OracleFile.LayerParameters
    let end: OracleFile.LayerParameters
  }

  static let shared: PerceptronOracle = OracleFile.decoded("perceptron")

  func trained(_ row: Case, rate: Float? = nil, runtime: RuntimeSettings = .unpinned(2)) throws -> StageParameters {
    // A single unit answers with 1 for class 0.
    let labels = row.units == 1 ? labels.map { $0 == 0 ? 1 : 0 } : labels
    let dataset = try Dataset(
      features: inputs, featureCount: features, labels: labels, classCount: max(2, row.units))
    let trainer = try Trainer(
      Network(inputs: features) { Dense(row.units, activation: .step()) }, loss: .meanSquaredError,
      optimizer: Perceptron(learningRate: rate ?? self.rate), normalization: .none, runtime: runtime)
    trainer.epochOrder = .sequential
    trainer.stageParameters = [row.start.stageParameters]
    _ = try trainer.fit(DataSubset(allOf: dataset), epochs: row.passes, batchSize: 1)
    return trainer.stageParameters[0]
  }
}

@Suite("The perceptron rule")
struct PerceptronTests {
  @Test("takes scikit-learn's steps, and not those of another rate", arguments: 0..<4)
  func followsTheOracle(index: Int) throws {
    let oracle = PerceptronOracle.shared, row = oracle.cases[index]
    #expect(oracle.cases.count == 4)
    for runtime in [RuntimeSettings.unpinned(1), .unpinned(3)] {
      #expect(row.end.departure(of: try oracle.trained(row, runtime: runtime)) < 1e-6)
    }
    #expect(row.end.departure(of: try oracle.trained(row, rate: oracle.rate * 2)) > 1e-2)
    #expect(row.end.departure(of: row.start.stageParameters) > 1e-2)
  }

  /// Points on both sides of a line through the plane, none of them near it.
  private static func points(_ count: Int) -> (features: [Float], labels: [Int]) {
    var random = PhiloxStream(seed: 12, stream: 4)
    var features: [Float] = [], labels: [Int] = []
    while labels.count < count {
      let x = 4 * random.nextUnitFloat() - 2, y = 4 * random.nextUnitFloat() - 2
      let side = 0.8 * x - 0.6 * y + 0.5
      if abs(side) < 0.1 { continue }
      features += [x, y]
      labels.append(side > 0 ? 1 : 0)
    }
    return (features, labels)
  }

  private static func trainer(_ network: Network, loss: Loss = .meanSquaredError, workers: Int = 2) throws -> Trainer {
    try Trainer(
      network, loss: loss, optimizer: Perceptron(), normalization: .none, seed: 2, runtime: .unpinned(workers))
  }

  private static let network = Network(inputs: 2) { Dense(1, activation: .step()) }

  @Test("learns a separable set without a mistake, the same bits for any number of workers", arguments: [1, 8])
  func separable(batchSize: Int) throws {
    let (features, labels) = Self.points(200)
    let data = DataSubset(allOf: try Dataset(features: features, featureCount: 2, labels: labels, classCount: 2))
    var digests: Set<String> = []
    for workers in [1, 2, 3, 5, 8] {
      let trainer = try Self.trainer(Self.network, workers: workers)
      let history = try trainer.fit(data, epochs: 120, batchSize: batchSize)
      #expect(history.epochs.last?.trainAccuracy == 1)
      #expect(try trainer.evaluate(data).loss == 0)
      digests.insert(trainer.weightsSHA256())
    }
    #expect(digests.count == 1)
  }

  @Test("does not learn XOR, which no line parts")
  func xor() throws {
    let dataset = try Dataset(
      features: [0, 0, 0, 1, 1, 0, 1, 1] as [Float], featureCount: 2, labels: [0, 1, 1, 0], classCount: 2)
    let trainer = try Self.trainer(Self.network)
    _ = try trainer.fit(DataSubset(allOf: dataset), epochs: 300, batchSize: 1)
    #expect(try #require(trainer.evaluate(DataSubset(allOf: dataset)).accuracy) < 1)
  }

  @Test("a layer and its step may be written apart, and targets may be zeros and ones")
  func forms() throws {
    let apart = Network(inputs: 2) {
      Dense(1)
      Activation(.step(gradient: .perceptron))
    }
    let (features, labels) = Self.points(100)
    let points = try Dataset(features: features, featureCount: 2, labels: labels, classCount: 2)
    let values = try Dataset(
      features: features, featureCount: 2, targets: labels.map { Float($0) }, targetCount: 1)
    let one = try Self.trainer(Self.network), other = try Self.trainer(apart)
    _ = try one.fit(DataSubset(allOf: points), epochs: 5, batchSize: 1)
    _ = try other.fit(DataSubset(allOf: values), epochs: 5, batchSize: 1)
    #expect(one.weightsSHA256() == other.weightsSHA256())
  }

  @Test("anything but a single layer of steps, its loss and targets of 0 and 1 is refused")
  func refusals() throws {
    let networks = [
      Network(inputs: 2) { Dense(1, activation: .sigmoid) },
      Network(inputs: 2) { Dense(1, activation: .step(gradient: .straightThrough)) },
      Network(inputs: 2) {
        Dense(4, activation: .relu)
        Dense(1, activation: .step())
      },
      Network(inputs: 2) {
        LayerNorm()
        Dense(1, activation: .step())
      },
      Network(inputs: 2) {
        Dense(1, activation: .step())
        Activation(.relu)
      },
    ]
    for network in networks {
      let error = #expect(throws: TrainingRuntimeError.self) { try Self.trainer(network) }
      #expect(
        error?.description
          == "the optimizer perceptron is for a single dense layer with step, but the network is \(network); "
          + "make it { dense: 1, activation: step }, or use another optimizer such as sgd")
    }
    let loss = #expect(throws: TrainingRuntimeError.self) { try Self.trainer(Self.network, loss: .meanAbsoluteError) }
    #expect(loss?.description.contains("needs the loss mean_squared_error") == true)
    let values = try Dataset(
      features: [1, 2, 3, 4], featureCount: 2, targets: [0, 0.5], targetCount: 1, name: "halves")
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Self.trainer(Self.network).fit(DataSubset(allOf: values), epochs: 1, batchSize: 1)
    }
    #expect(
      error?.description
        == "halves: the optimizer perceptron needs targets of 0 and 1, but sample 1 has a target of 0.5; "
        + "give classes, or targets of 0 and 1; for numbers use a linear layer and the optimizer sgd")
  }
}
