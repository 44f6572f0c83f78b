import Fascicle
import Testing

@Suite("Embeddings in whole runs")
struct EmbeddingTests {
  private static let network = Network(inputs: 3) {
    Embedding(column: 1, categories: 4, width: 5)
    Dense(8, activation: .tanh)
    Dense(2, activation: .softmax)
  }

  private static func trainer(
    _ network: Network = network, optimizer: any GradientOptimizer = SGD(learningRate: 0.5),
    normalization: Normalization = .none, workers: Int = 2
  ) throws -> Trainer {
    try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, normalization: normalization, seed: 3,
      runtime: .unpinned(workers))
  }

  /// The class is that of the category, odd or even, whatever the two numbers around it.
  private static func features(_ samples: Int = 64, category: (Int) -> Float = { Float($0 % 4) }) -> [Float] {
    var random = PhiloxStream(seed: 8, stream: 2)
    var features: [Float] = []
    for sample in 0..<samples {
      features += [random.uniform(reach: 1), category(sample), random.uniform(reach: 1)]
    }
    return features
  }

  private static func data(_ features: [Float]) throws -> DataSubset {
    let labels = (0..<features.count / 3).map { $0 % 2 }
    return DataSubset(
      allOf: try Dataset(features: features, featureCount: 3, labels: labels, classCount: 2, name: "shop"))
  }

  @Test("the same bits for any number of workers, pinned or not, and every instruction set", arguments: 0..<20)
  func sameBits(number: Int) throws {
    try TrainingDraw(number: number, embeds: true).expectSameBits()
  }

  @Test("categories are learned, where their numbers say nothing")
  func learns() throws {
    let trainer = try Self.trainer()
    let history = try trainer.fit(Self.data(Self.features()), epochs: 60, batchSize: 16)
    #expect(history.epochs[59].trainAccuracy == 1)
  }

  @Test("a row that is broken on purpose is refused")
  func brokenRow() throws {
    let broken = LayerOracle.embedding.broken, layers = try #require(LayerCase.all.first { $0.label == broken.name })
    #expect(try broken.gradientDeparture(layers, kernels: .selected()) > LayerOracleTests.gradientBound)
    #expect(
      try broken.trajectoryDeparture(layers, .unpinned(1), kernels: .selected()) > LayerOracleTests.trajectoryBound)
  }

  @Test(
    "scaling leaves categories alone, and measures the other columns without them", arguments: Normalization.allCases)
  func scaling(normalization: Normalization) throws {
    let features = Self.features(), trainer = try Self.trainer(normalization: normalization)
    _ = try trainer.fit(Self.data(features), epochs: 1, batchSize: 16)
    let transform = try #require(trainer.transform)
    #expect((transform.scale[1], transform.shift[1]) == (1, 0))
    let others = try Dataset(
      features: features.indices.filter { $0 % 3 != 1 }.map { features[$0] }, featureCount: 2,
      labels: [Int](repeating: 0, count: 64), classCount: 1)
    let wanted = try DataSubset(allOf: others).transform(for: normalization)
    #expect([transform.scale[0], transform.scale[2]] == wanted.scale)
    #expect([transform.shift[0], transform.shift[2]] == wanted.shift)
  }

  @Test("vectors of absent categories have a gradient of zero, which optimizers treat as one")
  func absentCategories() throws {
    let all = try Self.data(Self.features { _ in 2 })
    let plain = try Self.trainer(), before = plain.stageParameters[0].weights
    _ = try plain.fit(all, epochs: 1, batchSize: 16)
    let after = plain.stageParameters[0].weights
    #expect(Array(after[..<10]) == Array(before[..<10]))
    #expect(Array(after[15...]) == Array(before[15...]))
    #expect(after[10..<15].indices.allSatisfy { after[$0] != before[$0] })
    let decaying = try Self.trainer(optimizer: SGD(learningRate: 0.5, weightDecay: 0.1))
    _ = try decaying.fit(all, epochs: 1, batchSize: 16)
    #expect(decaying.stageParameters[0].weights[0] != before[0])
  }

  @Test("bytes are categories as they are")
  func bytes() throws {
    var bytes: [UInt8] = []
    for sample in 0..<64 { bytes += [UInt8(3 * sample), UInt8(sample % 4), 100] as [UInt8] }
    let labels = (0..<64).map { $0 % 2 }
    let data = DataSubset(allOf: try Dataset(features: bytes, featureCount: 3, labels: labels, classCount: 2))
    let trainer = try Self.trainer(normalization: .unit)
    let history = try trainer.fit(data, epochs: 60, batchSize: 16)
    #expect(history.epochs[59].trainAccuracy == 1)
    #expect(trainer.transform?.scale == [1.0 / 255, 1, 1.0 / 255])
    #expect(try trainer.predictor().evaluate(data) == trainer.evaluate(data))
  }

  @Test("what is no category is refused with row and column, in training, evaluation and prediction")
  func strangers() throws {
    for (value, text) in [(4, "4.0"), (-1, "-1.0"), (1.5, "1.5")] as [(Float, String)] {
      let features = Self.features { $0 == 37 ? value : Float($0 % 4) }, data = try Self.data(features)
      let sentence =
        "column 1 of row 37 is \(text), but layer 1 (embedding 5 of column 1) takes whole numbers from 0 to 3; number the "
        + "categories from 0 on, or raise 'categories'"
      let trainer = try Self.trainer()
      for attempt in [
        { _ = try trainer.fit(data, epochs: 1, batchSize: 16) }, { _ = try trainer.evaluate(data) },
      ] {
        let error = #expect(throws: TrainingRuntimeError.self) { try attempt() }
        #expect(error?.description == "shop: " + sentence)
        #expect(error?.code == .dataMismatch)
      }
      let predictor = try trainer.predictor()
      for attempt in [
        { _ = try predictor.predict(features) }, { _ = try predictor.predict(data) },
        { _ = try predictor.predictClasses(data) },
      ] {
        let error = #expect(throws: TrainingRuntimeError.self) { try attempt() }
        #expect(error?.description == sentence)
        #expect(error?.code == .modelMismatch)
      }
      // Rows that are not looked at may hold anything.
      _ = try trainer.evaluate(DataSubset(data.dataset, rows: [0, 1, 2]))
    }
  }
}
