import Fascicle
import Foundation
import Testing

@Suite("Batch norms in a model's folder")
struct BatchNormFolderTests {
  private static func trainer() throws -> Trainer {
    let trainer = try Trainer(
      Network(inputs: 4) {
        Dense(6)
        BatchNorm(momentum: 0.5, epsilon: 0.25)
        Activation(.relu)
        BatchNorm(usesGain: false, usesShift: false)
        Dense(2, activation: .softmax)
      }, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.1), normalization: .none,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    let data = try Dataset(features: features, featureCount: 4, labels: (0..<40).map { $0 % 2 }, classCount: 2)
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 2, batchSize: 8)
    return trainer
  }

  private static let features: [Float] = {
    var random = PhiloxStream(seed: 1, stream: 1)
    return (0..<160).map { _ in random.nextUnitFloat() }
  }()

  @Test("come back with their statistics, and answer with the same bits")
  func roundTrip() throws {
    let trainer = try Self.trainer()
    try withFolder { folder in
      let (text, weights) = try expectRoundTrip(of: trainer, answering: Self.features, in: folder)
      #expect(
        text.contains(
          "{\"norm\": \"batch\", \"epsilon\": 0.25, \"momentum\": 0.5, \"gain\": true, \"shift\": true}"))
      #expect(weights.contains("layers.1.running_mean"))
      #expect(weights.contains("layers.1.weight"))
      #expect(weights.contains("layers.3.running_var"))
      #expect(!weights.contains("layers.3.weight"))
    }
  }

  @Test("statistics belong to the digest, so a model with others is told apart")
  func digest() throws {
    let trainer = try Self.trainer(), before = trainer.weightsSHA256()
    var stages = trainer.stageParameters
    stages[1].runningMean[3] = stages[1].runningMean[3].nextUp
    trainer.stageParameters = stages
    #expect(trainer.weightsSHA256() != before)
  }
}
