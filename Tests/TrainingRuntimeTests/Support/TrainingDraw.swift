import Fascicle
import Testing

/// A whole training run drawn at random from a seed: network, data, minibatch size, optimizer, clipping, schedule.
struct TrainingDraw: Sendable, CustomTestStringConvertible {
  let seed: UInt64
  let network: Network
  let loss: Loss
  let batchSize: Int
  let optimizer: any GradientOptimizer
  let schedule: LearningRateSchedule
  let clipping: GradientClipping
  let normalization: Normalization
  let dataset: Dataset

  /// Minibatch sizes of every kind: one, below a panel, ragged above several, and larger than the data set.
  static let batchSizes = [1, 7, 100, 129, 1000]

  static let optimizers: [any GradientOptimizer] = [
    SGD(learningRate: 0.05), SGD(learningRate: 0.02, weightDecay: 0.01), SGD(learningRate: 0.02, momentum: 0.9),
    SGD(learningRate: 0.02, momentum: 0.8, nesterov: true), Adam(learningRate: 0.01),
    Adam(learningRate: 0.01, weightDecay: 0.01), AdamW(learningRate: 0.01), Adagrad(learningRate: 0.02),
    Adadelta(), RMSprop(momentum: 0.5, centred: true, epsilon: 1e-3), Adamax(), Nadam(), AMSGrad(), RAdam(),
    AdaBelief(), Lion(learningRate: 0.001, weightDecay: 0.1), Yogi(), Rprop(), Quickprop(),
    ScheduleFreeAdamW(weightDecay: 0.1),
  ]

  /// Those that work on whole tensors, for which workers meet more often.
  static let wholeTensorOptimizers: [any GradientOptimizer] = [
    LAMB(learningRate: 0.02, weightDecay: 0.1), LARS(learningRate: 0.5), Adafactor(weightDecay: 0.1),
    Muon(matrices: .all),
  ]

  /// How many draws meet every optimizer once, and every loss.
  static let roundCount = optimizers.count + wholeTensorOptimizers.count

  /// The draw of a number; sizes, optimizers and losses take turns, so that every one is met, and from round to round with
  /// another of the others.
  ///
  /// - Parameters:
  ///   - batchSize: instead of the drawn one.
  ///   - sampleCount: instead of the drawn one.
  ///   - normalizesBatches: puts batch norms anywhere into the network, which has none otherwise.
  ///   - embeds: puts embeddings of one or two columns before it.
  init(
    number: Int, batchSize: Int? = nil, sampleCount: Int? = nil, normalizesBatches: Bool = false, embeds: Bool = false
  ) throws {
    seed = UInt64(number)
    var random = PhiloxStream(seed: seed, stream: 77)
    let drawnBatchSize = Self.batchSizes[number % Self.batchSizes.count]
    let optimizers = Self.optimizers + Self.wholeTensorOptimizers, losses = LossRunTests.losses
    optimizer = optimizers[number % optimizers.count]
    loss = losses[(7 * number + number / optimizers.count) % losses.count]
    let drawnSchedule: LearningRateSchedule = random.pick([
      .constant, .step(epochs: 1, factor: 0.5), .cosine(warmUpEpochs: 0.5, finalFactor: 0.1),
    ])
    schedule = optimizer is ScheduleFreeAdamW ? .constant : drawnSchedule
    // Where a loss grows as an exponential of the outputs, they begin small.
    let isSteep = [Loss.poisson(), .poisson(from: .logarithms), .gaussianNLL].contains(loss)
    clipping = isSteep ? .globalNorm(0.05) : random.pick([.none, .globalNorm(0.05), .globalNorm(1)])
    normalization = isSteep ? .range : random.pick([.none, .standardize, .standardizeFeatures, .range])
    var drawnNetwork = Self.drawNetwork(loss, &random)
    // A step of one sample is as long as any other when eight workers meet in it, so those runs get fewer samples.
    let drawnCount = random.integer(in: drawnBatchSize == 1 ? 9...14 : 131...290)
    var drawnData = try Self.drawDataset(drawnNetwork, loss, sampleCount: sampleCount ?? drawnCount, &random)
    if embeds { (drawnNetwork, drawnData) = try Self.withEmbeddings(drawnNetwork, drawnData, seed: seed) }
    dataset = drawnData
    var size = batchSize ?? drawnBatchSize
    guard normalizesBatches else {
      network = drawnNetwork
      self.batchSize = size
      return
    }
    network = Self.withBatchNorms(drawnNetwork, seed: seed)
    // No minibatch may have one sample.
    let training = try DataSubset(allOf: dataset).split(validationFraction: 0.2, seed: seed).training.sampleCount
    while size == 1 || training % size == 1 { size += 1 }
    self.batchSize = size
  }

  private static func drawNetwork(_ loss: Loss, _ random: inout PhiloxStream) -> Network {
    let functions: [ActivationFunction] = [
      .linear, .sigmoid, .tanh, .relu, .leakyReLU(slope: 0.1), .preLU(initialSlope: 0.25), .softmax,
    ]
    var layers: [Layer] = random.pick([true, false]) ? [] : [.activation(Activation(random.pick(functions)))]
    for _ in 0..<random.integer(in: 1...3) {
      layers.append(.dense(Dense(random.integer(in: 1...70), activation: random.pick(functions))))
      if random.integer(in: 0...3) == 0 { layers.append(.activation(Activation(random.pick(functions)))) }
    }
    let output: ActivationFunction = loss.fusedActivation ?? (loss == .poisson() ? .exponential : .linear)
    let width = loss.outputCount(forTargets: random.integer(in: 2...15))
    layers.append(.dense(Dense(width, activation: output, usesBias: random.pick([true, false]))))
    return Network(inputs: random.integer(in: 1...70), layers: layers)
  }

  /// Bytes are categories as they are; floats are replaced by some.
  private static func withEmbeddings(
    _ network: Network, _ data: Dataset, seed: UInt64
  ) throws -> (Network, Dataset) {
    var random = PhiloxStream(seed: seed, stream: 79), network = network, inputs = network.inputs
    let columns = Set([0, random.integer(in: 0...inputs - 1)]).sorted()
    let categories = data.features.elementType == .uint8 ? 21 : random.pick([1, 5, 200])
    for column in columns {
      let width = random.pick([1, 4, 17])
      network.layers.insert(
        .embedding(Embedding(column: column, categories: categories, width: width)), at: 0)
    }
    inputs = network.inputs
    guard data.features.elementType == .float32 else { return (network, data) }
    var features: [Float] = []
    for sample in 0..<data.sampleCount {
      for feature in 0..<inputs { features.append(data.features[sample: sample, feature: feature]) }
    }
    for sample in 0..<data.sampleCount {
      for column in columns { features[sample * inputs + column] = Float(random.integer(in: 0...categories - 1)) }
    }
    switch data.targets {
    case .classes(let count, let labels):
      return (
        network,
        try Dataset(
          features: features, featureCount: inputs,
          labels: (0..<data.sampleCount).map { Int(labels.baseAddress[$0]) }, classCount: count)
      )
    case .values(let count, let rows):
      return (
        network,
        try Dataset(
          features: features, featureCount: inputs,
          targets: (0..<data.sampleCount * count).map { rows.baseAddress[$0] }, targetCount: count)
      )
    }
  }

  private static func withBatchNorms(_ network: Network, seed: UInt64) -> Network {
    var random = PhiloxStream(seed: seed, stream: 78), network = network
    for _ in 0..<random.integer(in: 1...2) {
      let norm = BatchNorm(
        momentum: random.pick([0.1, 0.5, 1]), epsilon: random.pick([1e-5, 0.01]), usesGain: random.pick([true, false]),
        usesShift: random.pick([true, false]))
      network.layers.insert(.batchNorm(norm), at: random.integer(in: 0...network.layers.count - 1))
    }
    return network
  }

  /// Bytes or floats, with labels or, where the loss allows it, with values.
  private static func drawDataset(
    _ network: Network, _ loss: Loss, sampleCount: Int, _ random: inout PhiloxStream
  ) throws -> Dataset {
    let count = sampleCount * network.inputs
    if loss.acceptsValues, !loss.acceptsLabels || random.pick([true, false]) {
      let width = loss == .gaussianNLL ? network.outputs / 2 : network.outputs
      return try Dataset(
        features: random.uniform(count: count, reach: 2), featureCount: network.inputs,
        targets: LossRunTests.targets(loss, width, sampleCount, &random), targetCount: width)
    }
    let labels = (0..<sampleCount).map { _ in random.integer(in: 0...network.outputs - 1) }
    if random.pick([true, false]) {
      let features = (0..<count).map { _ in UInt8(random.integer(in: 0...20)) }
      return try Dataset(features: features, featureCount: network.inputs, labels: labels, classCount: network.outputs)
    }
    return try Dataset(
      features: random.uniform(count: count, reach: 2), featureCount: network.inputs, labels: labels,
      classCount: network.outputs)
  }

  var testDescription: String {
    "draw \(seed): \(network), \(loss), batch \(batchSize) of \(dataset.sampleCount), \(optimizer.name), \(clipping)"
  }

  func makeTrainer(_ runtime: RuntimeSettings, kernels: KernelSet) throws -> Trainer {
    try Trainer(
      network, loss: loss, optimizer: optimizer, schedule: schedule, clipping: clipping, normalization: normalization,
      seed: seed, runtime: runtime, kernels: kernels)
  }

  /// Expects the same of one worker and of several, pinned or not, and of every instruction set.
  func expectSameBits(workerCounts: [Int] = [2, 3, 5, 8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let number = Int(seed), expected = try result(.unpinned(1), kernels: .selected())
    #expect(expected.losses.allSatisfy { $0.isFinite }, sourceLocation: sourceLocation)
    for workers in workerCounts {
      let runtime = RuntimeSettings(workers: .exactly(workers), pinsWorkers: (number + workers) % 2 == 0)
      #expect(
        try result(runtime, kernels: .selected()) == expected, "\(testDescription), \(workers) workers",
        sourceLocation: sourceLocation)
    }
    for set in InstructionSet.runnable {
      #expect(
        try result(.unpinned(1 + number % 4), kernels: KernelSet(set)) == expected, "\(testDescription), \(set)",
        sourceLocation: sourceLocation)
    }
  }

  /// What two epochs leave behind: the digest of the weights, and all losses and hits.
  func result(_ runtime: RuntimeSettings, kernels: KernelSet) throws -> TrainingResult {
    let trainer = try makeTrainer(runtime, kernels: kernels)
    let history = try trainer.fit(
      DataSubset(allOf: dataset), epochs: 2, batchSize: batchSize, validation: .fraction(0.2))
    return TrainingResult(
      digest: trainer.weightsSHA256(), losses: history.epochs.map(\.trainLoss),
      accuracies: history.epochs.map(\.trainAccuracy), validations: history.epochs.map(\.validation),
      final: try trainer.evaluate(DataSubset(allOf: dataset)))
  }
}

/// Everything about a run that must not depend on where it ran.
struct TrainingResult: Equatable {
  let digest: String
  let losses: [Double]
  let accuracies: [Double?]
  let validations: [Evaluation?]
  let final: Evaluation
}
