import Fascicle

/// A little model with every kind of tensor.
enum SmallModel {
  static let network = Network(inputs: 3) {
    Dense(17, activation: .preLU(initialSlope: 0.25))
    Dense(4, usesBias: false)
    Activation(.leakyReLU(slope: 0.1))
    Dense(2, activation: .softmax)
  }

  static func trainer(seed: UInt64 = 5) throws -> Trainer {
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.05),
      normalization: .standardizeFeatures, seed: seed,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    let features = (0..<60).map { Float($0 * 37 % 23) - 3.5 }
    let data = try Dataset(features: features, featureCount: 3, labels: (0..<20).map { $0 % 2 })
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 2, batchSize: 8)
    return trainer
  }

  static func model() throws -> TrainedModel { try trainer().model() }

  static let samples: [Float] = [1, 2, 3, -4, 0.5, 9, 0, 0, 0]

  static func answers(_ model: TrainedModel) throws -> [Float] {
    try Predictor(model, runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false)).predict(samples)
  }
}
