import Fascicle
import Testing

@Suite("Adafactor")
struct AdafactorTests {
  /// Two steps on weights of several panels beside the equations written down plainly.
  @Test(
    "rows and columns are those of the matrix, whatever its sides",
    arguments: [(1, 40), (40, 1), (5, 7), (37, 34), (33, 65), (65, 33), (70, 130), (130, 70), (16, 96), (32, 32)])
  func equations(inputs: Int, units: Int) throws {
    let network = Network(inputs: inputs) {
      Dense(units, activation: .tanh)
      Dense(3)
    }
    var random = PhiloxStream(seed: 3, stream: 8)
    let dataset = try Dataset(
      features: random.uniform(count: 60 * inputs, reach: 1), featureCount: inputs,
      targets: random.uniform(count: 60 * 3, reach: 1), targetCount: 3)
    func trainer(_ optimizer: any GradientOptimizer, _ runtime: RuntimeSettings) throws -> Trainer {
      try Trainer(
        network, loss: .meanSquaredError, optimizer: optimizer, normalization: .none, seed: 6, runtime: runtime)
    }
    let adafactor = Adafactor(learningRate: 0.2, decayExponent: 0.5, clipThreshold: 0.9, weightDecay: 0.3)
    for runtime in [RuntimeSettings.unpinned(2), .lanes(2, workers: 3)] {
      let moving = try trainer(adafactor, runtime), watching = try trainer(GradientRecorder(), .unpinned(1))
      var plain = PlainAdafactor(rows: units, columns: inputs)
      for step in 1...3 {
        let before = moving.stageParameters
        watching.stageParameters = before
        _ = try watching.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 60)
        let gradient = watching.stageParameters[0].weights.map(Double.init)
        let expected = plain.step(before[0].weights.map(Double.init), gradient, step: step, adafactor)
        _ = try moving.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 60)
        #expect(
          Departure.of(moving.stageParameters[0].weights, from: expected) < 3e-6, "\(units) × \(inputs), step \(step)")
        // The control: no step at all would not pass.
        #expect(Departure.of(before[0].weights, from: expected) > 1e-3)
      }
    }
  }

  /// Algorithm 4 of the paper in Double.
  private struct PlainAdafactor {
    let rows: Int
    let columns: Int
    var rowMeans: [Double]
    var columnMeans: [Double]

    init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
      rowMeans = [Double](repeating: 0, count: rows)
      columnMeans = [Double](repeating: 0, count: columns)
    }

    mutating func step(_ weights: [Double], _ gradient: [Double], step: Int, _ rule: Adafactor) -> [Double] {
      let share = 1 / Double(step).squareRoot()
      let squares = gradient.map { $0 * $0 + Double(rule.epsilon) }
      for row in 0..<rows {
        let mean = (0..<columns).reduce(0) { $0 + squares[row * columns + $1] } / Double(columns)
        rowMeans[row] += share * (mean - rowMeans[row])
      }
      for column in 0..<columns {
        let mean = (0..<rows).reduce(0) { $0 + squares[$1 * columns + column] } / Double(rows)
        columnMeans[column] += share * (mean - columnMeans[column])
      }
      let mean = rowMeans.reduce(0, +) / Double(rows)
      let direction = gradient.indices.map {
        gradient[$0] / (rowMeans[$0 / columns] * columnMeans[$0 % columns] / mean).squareRoot()
      }
      func root(_ values: [Double]) -> Double {
        (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      }
      let rate = min(Double(rule.learningRate), 1 / Double(step).squareRoot())
      let length = rate * max(1e-3, root(weights)) / max(1, root(direction) / Double(rule.clipThreshold))
      let keep = 1 - Double(rule.learningRate) * Double(rule.weightDecay)
      return weights.indices.map { keep * weights[$0] - length * direction[$0] }
    }
  }

  private static let network = Network(inputs: 5) {
    Embedding(column: 4, categories: 3, width: 6)
    Dense(40, activation: .tanh)
    Dense(70, activation: .preLU(), learning: LayerLearning(weights: .l2(0.001), rateFactor: 0.5))
    LayerNorm()
    Dense(33, activation: .tanh, learning: LayerLearning(constraint: .maxNorm(limit: 2)))
    Dense(3, activation: .softmax)
  }

  private static func data() throws -> DataSubset {
    var random = PhiloxStream(seed: 9, stream: 2), features = random.uniform(count: 120 * 5, reach: 1)
    for sample in 0..<120 { features[sample * 5 + 4] = Float(sample % 3) }
    let labels = (0..<120).map { features[$0 * 5] > 0 ? 2 : $0 % 2 }
    return DataSubset(allOf: try Dataset(features: features, featureCount: 5, labels: labels, classCount: 3))
  }

  private static func rule(
    _ adafactor: Adafactor = Adafactor(learningRate: 0.05), network: Network = network
  ) -> WholeTensorRule {
    WholeTensorRule(optimizer: adafactor, network: network)
  }

  @Test(
    "the same bits for any number of workers and every instruction set",
    arguments: [GradientClipping.none, .value(0.01), .globalNorm(0.05), .tensorNorm(0.02), .adaptive(0.1)], [1, 16])
  func sameBits(clipping: GradientClipping, smallestFactoredSide: Int) throws {
    let adafactor = Adafactor(weightDecay: 0.1, smallestFactoredSide: smallestFactoredSide)
    try Self.rule(adafactor).expectSameBits(on: Self.data(), clipping: clipping)
  }

  @Test("learns, with operands in bfloat16 too, and goes on from call to call")
  func learns() throws {
    let network = Network(inputs: 5) {
      Dense(40, activation: .tanh)
      Dense(3, activation: .softmax)
    }
    try Self.rule(network: network).expectLearning(on: SmallProblem.samples(200), below: 0.5)
  }

  @Test("what is frozen stays, and a gradient of zero moves nothing")
  func restingMatrices() throws {
    let network = Network(inputs: 5) {
      Dense(37, activation: .relu)
      Dense(34, activation: .relu, learning: LayerLearning(isFrozen: true))
      // Dead from the start: no gradient reaches the layers below.
      Dense(33, activation: .relu, initialBias: -1e6)
      Dense(3, activation: .softmax)
    }
    let trainer = try Self.rule(network: network).trainer(), before = trainer.stageParameters
    _ = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 20)
    for stage in 0..<3 { #expect(trainer.stageParameters[stage].weights == before[stage].weights) }
    #expect(trainer.stageParameters[3].bias != before[3].bias)
  }

  @Test("is refused where workers don't meet")
  func hogwild() throws {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Self.rule().trainer(runtime: RuntimeSettings(reduction: .hogwild))
    }
    #expect(error?.description.contains("the optimizer adafactor needs the norms of whole tensors") == true)
  }

  @Test("keeps numbers by row and column in place of numbers for every weight")
  func memory() throws {
    let network = Network(inputs: 1024) {
      Dense(1024, activation: .relu)
      Dense(3, activation: .softmax)
    }
    let data = DataSubset(
      allOf: try Dataset(
        features: [Float](repeating: 1, count: 2 * 1024), featureCount: 1024, labels: [0, 1], classCount: 3))
    func bytes(_ optimizer: any GradientOptimizer, _ name: String) throws -> Int {
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: optimizer, normalization: .none, runtime: .unpinned(1))
      let parts = try trainer.plan(for: data).memory.parts
      return try #require(parts.first { $0.name == name }).byteCount
    }
    let parameters = try bytes(Adafactor(), "parameters")
    #expect(try bytes(Adam(), "optimizer state") == 2 * parameters)
    // Two sides and two vectors of biases.
    #expect(try bytes(Adafactor(), "optimizer state") < 6 * 1024 * 4)
    #expect(try bytes(Adafactor(smallestFactoredSide: 2000), "optimizer state") == parameters)
    #expect(try bytes(Adafactor(), "factored moments") < parameters / 20)
    #expect(try bytes(Adafactor(), "gradients") == parameters)
  }
}
