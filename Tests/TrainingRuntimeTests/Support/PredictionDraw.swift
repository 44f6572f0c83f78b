import Fascicle
import Testing

/// A trained model drawn at random from a seed, with samples to answer for: any activations, widths around 16 and 32.
struct PredictionDraw: Sendable, CustomTestStringConvertible {
  let number: Int
  let network: Network
  let trainer: @Sendable () throws -> Trainer
  let features: [Float]
  let sampleCount = 70

  static let functions: [ActivationFunction] = [
    .linear, .step(), .sigmoid, .tanh, .relu, .leakyReLU(slope: 0.1), .preLU(initialSlope: 0.25), .softmax,
    .rreLU(), .gelu(), .preLU(sharing: .perLayer), .logSoftmax,
  ]
  static let widths = [1, 7, 15, 16, 17, 31, 33, 64, 100, 129, 145]

  init(number: Int) {
    self.number = number
    var random = PhiloxStream(seed: UInt64(number), stream: 91)
    var layers: [Layer] = number % 3 == 0 ? [.activation(Activation(random.pick(Self.functions)))] : []
    for depth in 0...random.integer(in: 0...2) {
      // The number takes turns through all functions, so that every one is met in a hidden layer.
      let function = depth == 0 ? Self.functions[number % Self.functions.count] : random.pick(Self.functions)
      layers.append(
        .dense(Dense(random.pick(Self.widths), activation: function, usesBias: random.pick([true, false]))))
      if random.integer(in: 0...2) == 0 { layers.append(.activation(Activation(random.pick(Self.functions)))) }
    }
    let isClassifier = number % 2 == 0
    layers.append(.dense(Dense(random.integer(in: 2...35), activation: isClassifier ? .softmax : .linear)))
    let network = Network(inputs: random.pick(Self.widths), layers: layers)
    self.network = network
    features = random.uniform(count: sampleCount * network.inputs, reach: 2)
    trainer = {
      try Trainer(
        network, loss: isClassifier ? .categoricalCrossEntropy : .meanSquaredError, optimizer: SGD(),
        seed: UInt64(number), runtime: .unpinned(1))
    }
  }

  var testDescription: String { "draw \(number): \(network)" }

  /// The drawn parameters, slopes and biases moved away from their round beginnings, and a scaling of each feature.
  func model() throws -> TrainedModel {
    var random = PhiloxStream(seed: UInt64(number), stream: 92)
    let trainer = try trainer()
    trainer.stageParameters = trainer.stageParameters.map { stage in
      StageParameters(
        weights: stage.weights, bias: stage.bias.map { _ in random.uniform(reach: 0.5) },
        slopes: stage.slopes.map { _ in random.uniform(reach: 0.5) })
    }
    let transform = try FeatureTransform(
      scale: random.uniform(count: network.inputs, reach: 1), shift: random.uniform(count: network.inputs, reach: 1))
    return try TrainedModel(parameters: trainer.model().parameters, transform: transform)
  }

  /// Rows `first` ..< `first + count` of the features.
  func rows(_ first: Int, _ count: Int) -> [Float] {
    Array(features[first * network.inputs..<(first + count) * network.inputs])
  }
}

extension Predictor {
  /// A predictor whose workers take part in every call, or in none.
  static func forced(
    _ model: TrainedModel, workers: Int, usesTeam: Bool = true, kernels: KernelSet? = nil
  ) throws -> Predictor {
    let flops = usesTeam ? 0 : Double.infinity
    return try Predictor(
      model, runtime: .unpinned(workers), kernels: try kernels ?? .selected(),
      teamFlops: TeamFlops(fewRows: flops, panels: flops))
  }
}
