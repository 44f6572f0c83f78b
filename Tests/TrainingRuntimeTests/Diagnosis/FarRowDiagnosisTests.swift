import Fascicle
import Testing

/// One row far beyond all others: the cause is named, and not what it does to layers.
@Suite("A diagnosis of rows that lie far off")
struct FarRowDiagnosisTests {
  /// 640 points of four features, of which the first tells the class; row 417 may lie far off.
  private static func points(_ value: Float?) throws -> DataSubset {
    var random = PhiloxStream(seed: 8, stream: 2)
    var features = random.uniform(count: 640 * 4, reach: 1)
    let labels = (0..<640).map { features[4 * $0] > 0 ? 1 : 0 }
    if let value { features[4 * 417 + 2] = value }
    return DataSubset(allOf: try Dataset(features: features, featureCount: 4, labels: labels))
  }

  private static func trainer(
    _ optimizer: any GradientOptimizer = Adam(learningRate: 0.01), _ normalization: Normalization = .none
  ) throws -> Trainer {
    let network = Network(inputs: 4) {
      Dense(32, activation: .relu)
      Dense(2, activation: .softmax)
    }
    return try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, normalization: normalization, seed: 7,
      runtime: .unpinned(2))
  }

  @Test(
    "the row is named with what it has, first of all, or in the error of a run that ends",
    arguments: [1e8, -1e12, 1e20, 1e30, 3e38] as [Float])
  func named(value: Float) throws {
    let words = "row 417 of the data set lies far beyond all others: its feature 2 is \(value), "
    for optimizer in [SGD(learningRate: 0.1), Adam(learningRate: 0.01)] as [any GradientOptimizer] {
      do {
        let history = try Self.trainer(optimizer).fit(Self.points(value), epochs: 4, batchSize: 32)
        for diagnosis in history.epochs.compactMap(\.diagnosis) {
          let first = try #require(diagnosis.verdicts.first)
          #expect(first.kind == .farRows && first.layer == "input" && first.sinceEpoch == 1)
          #expect(first.message.hasPrefix("input: \(words)"), "\(first.message)")
          #expect(first.message.contains("; remove or correct it, or scale robustly"))
          for symptom in diagnosis.verdicts.dropFirst() {
            #expect(symptom.message.hasSuffix("; see to the rows that lie far off first"), "\(symptom.message)")
          }
        }
      } catch let error as TrainingRuntimeError {
        #expect(error.code == .diverged)
        #expect(error.hint?.hasPrefix("\(words)") == true, "\(error)")
        #expect(error.hint?.contains("remove or correct it; otherwise lower the learning rate") == true)
      }
    }
  }

  @Test("a scaling that hides it hides it from nobody", arguments: Normalization.allCases.filter { $0 != .none })
  func scaled(normalization: Normalization) throws {
    let history = try Self.trainer(Adam(learningRate: 0.01), normalization).fit(Self.points(1e8), epochs: 2)
    let verdicts = try #require(history.epochs[0].diagnosis?.verdicts)
    #expect(verdicts.first?.kind == .farRows)
  }

  @Test("without it nothing is named, and one of a usual kind is none")
  func healthy() throws {
    for value in [nil, 3, -30] as [Float?] {
      let history = try Self.trainer().fit(Self.points(value), epochs: 4, batchSize: 32)
      #expect(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] } == [], "\(value ?? 0)")
    }
  }

  @Test("the trainer tells before the run, but leaves columns of categories alone")
  func before() throws {
    #expect(try Self.trainer().farRows(in: Self.points(1e8)).map(\.row) == [417])
    #expect(try Self.trainer().farRows(in: Self.points(nil)) == [])
    let network = Network(inputs: 4) {
      Embedding(column: 2, categories: 2, width: 1)
      Dense(2, activation: .softmax)
    }
    let embedding = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .none, runtime: .unpinned(1))
    #expect(try embedding.farRows(in: Self.points(1e8)) == [])
  }
}
