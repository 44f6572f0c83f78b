import Fascicle
import Testing

/// Weight decay that a layer declines.
///
/// Every gradient is zero, since inputs, targets and so outputs are: what moves, decay has moved.
@Suite("Weight decay by layer")
struct LayerDecayTests {
  static let optimizers: [any GradientOptimizer] = [
    SGD(learningRate: 0.1, weightDecay: 0.1), SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1),
    Adam(learningRate: 0.001, weightDecay: 0.1), AdamW(learningRate: 0.1, weightDecay: 0.1),
    Lion(learningRate: 0.1, weightDecay: 0.1), ScheduleFreeAdamW(learningRate: 0.1, weightDecay: 0.1),
    LAMB(learningRate: 0.1, weightDecay: 0.1), LARS(learningRate: 0.1, weightDecay: 0.1),
    Adafactor(weightDecay: 0.1), Muon(weightDecay: 0.1, matrices: .all), LBFGS(weightDecay: 0.1),
  ]

  private static func trainer(
    _ optimizer: any GradientOptimizer, _ network: Network, runtime: RuntimeSettings,
    decayed: DecayedParameters = .all
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: optimizer, transforms: UpdateTransforms(decayed: decayed),
      normalization: .none, seed: 3, runtime: runtime)
    // Zero weights at the end keep the outputs at zero, whatever an embedding brings.
    var parameters = trainer.stageParameters
    let last = parameters.count - 1
    for place in parameters[last].weights.indices { parameters[last].weights[place] = 0 }
    trainer.stageParameters = parameters
    return trainer
  }

  private static func zeros(inputs: Int) throws -> DataSubset {
    DataSubset(
      allOf: try Dataset(
        features: [Float](repeating: 0, count: 40 * inputs), featureCount: inputs,
        targets: [Float](repeating: 0, count: 40), targetCount: 1))
  }

  /// Whether each stage's weights are shorter than they were, or the same but for a rounding, as schedule-free AdamW
  /// brings it about where it goes between two points that are one; nil for anything else.
  private static func shrank(
    _ optimizer: any GradientOptimizer, _ network: Network, runtime: RuntimeSettings = .unpinned(2),
    decayed: DecayedParameters = .all
  ) throws -> [Bool?] {
    let trainer = try trainer(optimizer, network, runtime: runtime, decayed: decayed)
    let before = trainer.stageParameters
    let data = try zeros(inputs: network.inputs)
    _ = try trainer.fit(data, epochs: 3, batchSize: 40)
    return zip(before, trainer.stageParameters).map { old, new in
      func square(_ weights: [Float]) -> Float { weights.reduce(0) { $0 + $1 * $1 } }
      if zip(old.weights, new.weights).allSatisfy({ abs($0 - $1) <= 0x1p-22 * abs($0) }) { return false }
      return square(new.weights) < 0.9999 * square(old.weights) ? true : nil
    }
  }

  private static func network(_ choices: [Bool]) -> Network {
    Network(
      inputs: 7,
      layers: choices.map { .dense(Dense(19, activation: .tanh, learning: LayerLearning(decays: $0))) }
        + [.dense(Dense(1))])
  }

  @Test("a layer so marked keeps its weights where others decay", arguments: 0..<optimizers.count)
  func marked(index: Int) throws {
    let optimizer = Self.optimizers[index]
    for choices in [[true, true, true], [true, false, true], [false, true, false], [false, false, false]] {
      let expected = choices.map { Optional($0) }
      #expect(try Self.shrank(optimizer, Self.network(choices)).dropLast() == expected[...], "\(optimizer)")
    }
  }

  @Test("and so with every reduction, precision and transform")
  func everywhere() throws {
    let halved = RuntimeSettings(workers: .exactly(2), pinsWorkers: false, precision: .bf16Emulated)
    let loose = RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild)
    for runtime in [RuntimeSettings.unpinned(1), .unpinned(3), .lanes(2, workers: 2), halved, loose] {
      for decayed in DecayedParameters.allCases {
        let shrank = try Self.shrank(
          AdamW(learningRate: 0.1, weightDecay: 0.1), Self.network([true, false, true]), runtime: runtime,
          decayed: decayed)
        #expect(shrank.dropLast() == [true, false, true], "\(runtime), \(decayed)")
      }
    }
  }

  @Test("the vectors of an embedding as well, and biases and slopes with the weights")
  func otherParameters() throws {
    for decays in [true, false] {
      let network = Network(inputs: 3) {
        Embedding(column: 1, categories: 4, width: 5, decays: decays)
        Dense(9, activation: .preLU(), initialBias: 0.5, learning: LayerLearning(decays: decays))
        Dense(1)
      }
      let trainer = try Self.trainer(AdamW(learningRate: 0.1, weightDecay: 0.1), network, runtime: .unpinned(2))
      let before = trainer.stageParameters
      _ = try trainer.fit(Self.zeros(inputs: 3), epochs: 2, batchSize: 40)
      for (old, new) in zip(before, trainer.stageParameters).dropLast() { #expect((old == new) == !decays) }
    }
  }
}
