import Fascicle
import Foundation
import Testing

@Suite("Embeddings in a model's folder")
struct EmbeddingFolderTests {
  @Test("come back with their vectors, and answer with the same bits")
  func roundTrip() throws {
    let trainer = try Trainer(
      Network(inputs: 3) {
        Embedding(column: 1, categories: 4, width: 2, initializer: .randomNormal(deviation: 0.5))
        Embedding(
          column: 0, categories: 2, width: 1, regularizer: .l2(0.25), isFrozen: true, rateFactor: 0.5, decays: false)
        Dense(2, activation: .softmax)
      }, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.1), normalization: .standardize,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    var features: [Float] = []
    for sample in 0..<40 { features += [Float(sample % 2), Float(sample % 4), Float(sample)] }
    let data = try Dataset(features: features, featureCount: 3, labels: (0..<40).map { $0 % 2 }, classCount: 2)
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 2, batchSize: 8)
    try withFolder { folder in
      let (text, weights) = try expectRoundTrip(of: trainer, answering: features, in: folder)
      #expect(text.contains("\"embedding\": 2,"))
      #expect(text.contains("\"initializer\": {\"name\": \"random_normal\", \"deviation\": 0.5}"))
      #expect(weights.contains("\"layers.0.weight\": {\"dtype\": \"F32\", \"shape\": [4, 2]"))
    }
  }
}
