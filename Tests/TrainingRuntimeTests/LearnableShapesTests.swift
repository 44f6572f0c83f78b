import Fascicle
import Testing

/// What networks can learn, and what they can't without a bend in them.
@Suite("Shapes that networks learn")
struct LearnableShapesTests {
  @Test("a hidden layer learns XOR, moons and circles", arguments: [SyntheticData.Shape.xor, .moons, .circles])
  func hiddenLayerLearns(shape: SyntheticData.Shape) throws {
    let network = Network(inputs: 2) {
      Dense(16, activation: .tanh)
      Dense(2, activation: .softmax)
    }
    #expect(try accuracy(of: network, on: SyntheticData(shape, samples: 600), epochs: 60) > 0.98)
  }

  @Test("two hidden layers learn the spirals")
  func spirals() throws {
    let network = Network(inputs: 2) {
      Dense(32, activation: .tanh)
      Dense(32, activation: .tanh)
      Dense(2, activation: .softmax)
    }
    #expect(try accuracy(of: network, on: SyntheticData(.spirals, samples: 600, noise: 0.02), epochs: 200) > 0.98)
  }

  @Test("without a non-linear activation no depth learns XOR")
  func linearFailsOnXOR() throws {
    let network = Network(inputs: 2) {
      Dense(16)
      Dense(16)
      Dense(2, activation: .softmax)
    }
    let accuracy = try accuracy(of: network, on: SyntheticData(.xor, samples: 600), epochs: 60)
    // A line that leaves one corner on the wrong side has three of four.
    #expect(accuracy < 0.76)
  }

  @Test("a network without hidden layer is linear regression: it finds the line that the data were made from")
  func linearRegression() throws {
    var random = PhiloxStream(seed: 4, stream: 9)
    let features: [Float] = (0..<400).map { _ in random.nextUnitFloat() * 2 - 1 }
    let targets = (0..<200).map { (row: Int) -> Float in
      let x = features[2 * row], y = features[2 * row + 1]
      return 3 * x - 2 * y + 0.5
    }
    let data = try Dataset(features: features, featureCount: 2, targets: targets, targetCount: 1)
    let trainer = try Trainer(
      Network(inputs: 2) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1),
      normalization: .none, runtime: .unpinned(1))
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 200, batchSize: 20)
    let line = trainer.stageParameters[0]
    for (found, made) in zip(line.weights + line.bias, [Float(3), -2, 0.5]) { #expect(abs(found - made) < 1e-4) }
  }

  private func accuracy(of network: Network, on data: SyntheticData, epochs: Int) throws -> Double {
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.01), seed: 7, runtime: .unpinned(2))
    _ = try trainer.fit(DataSubset(allOf: try .synthetic(data)), epochs: epochs, batchSize: 32)
    // Samples of the same shape that training has not seen.
    var unseen = data
    unseen.seed = data.seed + 1
    return try #require(try trainer.evaluate(DataSubset(allOf: try .synthetic(unseen))).accuracy)
  }
}

@Suite("The perceptron rule")
struct PerceptronRuleTests {
  /// Rosenblatt's loop: where the answer is wrong, the input is added to the weights or taken from them.
  private func plainPerceptron(_ data: Dataset, targets: [Float], epochs: Int, seed: UInt64) -> [Float] {
    var weights: [Float] = [0, 0, 0]
    let order = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: data.sampleCount)
    defer { order.deallocate() }
    for epoch in 0..<epochs {
      EpochOrder(seed: seed).write(epoch: epoch, into: order)
      for row in order.map(Int.init) {
        let x = [data.features[sample: row, feature: 0], data.features[sample: row, feature: 1], 1]
        let z = weights[2] + weights[0] * x[0] + weights[1] * x[1]
        let error = targets[row] - (z > 0 ? 1 : 0)
        for index in 0..<3 { weights[index] += error * x[index] }
      }
    }
    return weights
  }

  private func separable() throws -> (data: Dataset, targets: [Float]) {
    let blobs = try Dataset.synthetic(SyntheticData(.blobs, samples: 200, noise: 0.2, classes: 2, seed: 3))
    guard case .classes(_, let labels) = blobs.targets else { preconditionFailure("blobs have classes") }
    let features = (0..<200).flatMap {
      [blobs.features[sample: $0, feature: 0], blobs.features[sample: $0, feature: 1]]
    }
    let targets = (0..<200).map { Float(labels[$0]) }
    return (try Dataset(features: features, featureCount: 2, targets: targets, targetCount: 1), targets)
  }

  private func trainer() throws -> Trainer {
    // The gradient of the squared error is 2·(y − t), so half of it is the rule's step.
    try Trainer(
      Network(inputs: 2) { Dense(1, activation: .step(gradient: .perceptron), initializer: .zeros) },
      loss: .meanSquaredError, optimizer: SGD(learningRate: 0.5), normalization: .none, seed: 11,
      runtime: .unpinned(1))
  }

  @Test("a single layer of steps learns a separable set", arguments: [1, 3, 10])
  func learnsSeparableSet(epochs: Int) throws {
    let (data, _) = try separable()
    let trainer = try trainer()
    _ = try trainer.fit(DataSubset(allOf: data), epochs: epochs, batchSize: 1)
    let wrong = try trainer.evaluate(DataSubset(allOf: data)).loss * 200
    if epochs == 10 { #expect(wrong == 0, "the perceptron has converged") }
  }

  @Test("its weights are those of Rosenblatt's loop, bit for bit", arguments: [1, 2, 5])
  func sameAsPlainLoop(epochs: Int) throws {
    let (data, targets) = try separable()
    let trainer = try trainer()
    _ = try trainer.fit(DataSubset(allOf: data), epochs: epochs, batchSize: 1)
    let layer = trainer.stageParameters[0]
    let plain = plainPerceptron(data, targets: targets, epochs: epochs, seed: 11)
    #expect(layer.weights + layer.bias == plain)
    #expect(plain != [0, 0, 0])
  }

  @Test("it can't learn XOR")
  func failsOnXOR() throws {
    let xor = try Dataset.synthetic(SyntheticData(.xor, samples: 200, noise: 0.05))
    let features = (0..<200).flatMap { [xor.features[sample: $0, feature: 0], xor.features[sample: $0, feature: 1]] }
    let data = try Dataset(
      features: features, featureCount: 2, targets: (0..<200).map { Float($0 % 2) }, targetCount: 1)
    let trainer = try trainer()
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 50, batchSize: 1)
    #expect(try trainer.evaluate(DataSubset(allOf: data)).loss >= 0.24)
  }
}
