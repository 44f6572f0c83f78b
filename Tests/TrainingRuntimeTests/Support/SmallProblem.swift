import Fascicle

/// A little classification problem that a little network learns, for tests that look at the run and not at the numbers.
enum SmallProblem {
  static let network = Network(inputs: 5) {
    Dense(16, activation: .tanh)
    Dense(3, activation: .softmax)
  }

  /// Random points, labelled by the largest of their first three features.
  static func dataset(sampleCount: Int = 100, seed: UInt64 = 1) throws -> Dataset {
    var random = PhiloxStream(seed: seed, stream: 6)
    let rows = (0..<sampleCount).map { _ in random.uniform(count: 5, reach: 1) }
    let labels = rows.map { row in (0..<3).max { row[$0] < row[$1] } ?? 0 }
    return try Dataset(features: rows.flatMap { $0 }, featureCount: 5, labels: labels, classCount: 3, name: "points")
  }

  static func samples(_ sampleCount: Int = 100) throws -> DataSubset {
    DataSubset(allOf: try dataset(sampleCount: sampleCount))
  }

  static func trainer(
    _ optimizer: any GradientOptimizer = SGD(learningRate: 0.1), schedule: LearningRateSchedule = .constant,
    workers: Int = 2, seed: UInt64 = 3
  ) throws -> Trainer {
    try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, schedule: schedule, normalization: .none,
      seed: seed,
      runtime: .unpinned(workers))
  }
}
