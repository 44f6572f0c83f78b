import Fascicle
import Testing

/// Moves every parameter, whatever its gradient.
private struct Drift: GradientOptimizer {
  var name: String { "drift" }
  var learningRate: Float { 0.01 }

  func update(_ slice: ParameterSlice) {
    for index in 0..<slice.count { slice.parameters[index] += slice.learningRate }
  }
}

@Suite("What stands beside the parameters")
struct PaddingTests {
  private static let optimizers: [any GradientOptimizer] =
    TrainingDraw.optimizers + TrainingDraw.wholeTensorOptimizers
    + [Yogi(initialAccumulator: 0.1), Adafactor(smallestFactoredSide: 20), LBFGS(), Drift()]

  /// Widths that end in the midst of panels and lines.
  private static let network = Network(inputs: 6) {
    Embedding(column: 5, categories: 3, width: 7)
    Dense(37, activation: .preLU())
    LayerNorm()
    Dense(34, activation: .tanh)
    Dense(3, activation: .softmax)
  }

  private static func data() throws -> DataSubset {
    var random = PhiloxStream(seed: 8, stream: 2), features = random.uniform(count: 90 * 6, reach: 1)
    for sample in 0..<90 { features[sample * 6 + 5] = Float(sample % 3) }
    return DataSubset(
      allOf: try Dataset(features: features, featureCount: 6, labels: (0..<90).map { $0 % 3 }, classCount: 3))
  }

  private static func runtimes(_ optimizer: any GradientOptimizer) -> [RuntimeSettings] {
    if optimizer is LBFGS { return [.unpinned(1), .unpinned(3)] }
    let hogwild = RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild)
    let takesAnyWorker = !TrainingDraw.wholeTensorOptimizers.contains { $0.name == optimizer.name }
    return [.unpinned(1), .unpinned(3), .lanes(2, workers: 2)]
      + (takesAnyWorker && !(optimizer is Drift) ? [hogwild] : [])
  }

  @Test("stays zero, whatever the optimizer", arguments: 0..<optimizers.count)
  func staysZero(index: Int) throws {
    let optimizer = Self.optimizers[index], data = try Self.data()
    for runtime in Self.runtimes(optimizer) {
      let trainer = try Trainer(
        Self.network, loss: .categoricalCrossEntropy, optimizer: optimizer, normalization: .none, seed: 2,
        runtime: runtime)
      #expect(trainer.padding.count > 1000)
      let before = trainer.weightsSHA256()
      _ = try trainer.fit(data, epochs: 2, batchSize: optimizer is LBFGS ? 90 : 40)
      #expect(trainer.padding.allSatisfy { $0 == 0 }, "\(optimizer.name), \(runtime.reduction)")
      #expect(trainer.weightsSHA256() != before)
    }
  }

  @Test("does not count in the lengths of rows that are constrained", arguments: [5, 33, 37])
  func constrainedRows(inputs: Int) throws {
    var random = PhiloxStream(seed: 5, stream: 2)
    let data = DataSubset(
      allOf: try Dataset(
        features: random.uniform(count: 40 * inputs, reach: 1), featureCount: inputs,
        targets: random.uniform(count: 40 * 9, reach: 1), targetCount: 9))
    func weights(_ optimizer: any GradientOptimizer, _ constraint: WeightConstraint) throws -> [Float] {
      let trainer = try Trainer(
        Network(inputs: inputs) { Dense(9, learning: LayerLearning(constraint: constraint)) },
        loss: .meanSquaredError, optimizer: optimizer, normalization: .none, seed: 2, runtime: .unpinned(2))
      _ = try trainer.fit(data, epochs: 1, batchSize: 40)
      return trainer.stageParameters[0].weights
    }
    for optimizer in [Yogi(learningRate: 0.5, initialAccumulator: 0.1), Drift()] as [any GradientOptimizer] {
      let free = try weights(optimizer, .none).map(Double.init)
      let lengths = (0..<9).map { row in
        free[row * inputs..<(row + 1) * inputs].reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      let bound = lengths.sorted()[4]
      let bounded = free.indices.map { free[$0] * min(1, bound / lengths[$0 / inputs]) }
      let unit = free.indices.map { free[$0] / lengths[$0 / inputs] }
      #expect(Departure.of(try weights(optimizer, .maxNorm(limit: Float(bound))), from: bounded) < 1e-6)
      #expect(Departure.of(try weights(optimizer, .unitNorm), from: unit) < 1e-6)
    }
  }
}
