import Fascicle
import Testing

/// A network, a loss and a number of samples whose gradient is to be checked.
struct GradientCase: Sendable, CustomTestStringConvertible {
  /// Where the activation under test stands.
  enum Arrangement: String, CaseIterable {
    /// In a dense layer.
    case inline
    /// As a layer of its own behind a dense one.
    case ownLayer
    /// As the first layer, before anything learns.
    case firstLayer
    /// Behind another activation.
    case twoInARow
    /// As the output, where the loss allows it.
    case output
  }

  /// What the loss compares the outputs with.
  enum Wanted: CaseIterable {
    case crossEntropyOfLabels, squaredErrorOfValues, squaredErrorOfLabels
  }

  let network: Network
  let loss: Loss
  let wantsLabels: Bool
  let sampleCount: Int
  let seed: UInt64

  static let activations: [ActivationFunction] = [
    .linear, .sigmoid, .tanh, .relu, .leakyReLU(slope: 0.2), .preLU(initialSlope: 0.25), .softmax,
  ]
  /// The rest of the catalogue, less what random draws and replaced gradients make unlike its equation.
  static let furtherActivations =
    ActivationFunction.all.filter { function in
      switch function {
      case .step, .rreLU: false
      default: !activations.contains { $0.name == function.name }
      }
    } + [
      .scaledLinear(slope: -1.5), .leakyReLU(slope: -0.3), .preLU(sharing: .perLayer), .gelu(form: .tanh),
      .threshold(threshold: 0.25, value: 0.5),
    ]
  static let widths = [1, 5, 13, 33, 40]
  static let sampleCounts = [1, 3, 33]

  /// Every arrangement of every activation under every loss, each with three numbers of samples; widths take turns.
  static let all: [GradientCase] = {
    var cases: [GradientCase] = []
    for (place, arrangement) in Arrangement.allCases.enumerated() {
      for (kind, activation) in activations.enumerated() {
        for (loss, wanted) in Wanted.allCases.enumerated()
        where arrangement != .output || wanted != .crossEntropyOfLabels {
          for (size, count) in sampleCounts.enumerated() {
            let turn = place * 7 + kind * 3 + loss * 11 + size
            cases.append(GradientCase(arrangement, activation, wanted, sampleCount: count, turn: turn))
          }
        }
      }
    }
    for (kind, activation) in furtherActivations.enumerated() {
      for arrangement in [Arrangement.inline, .ownLayer] {
        cases.append(GradientCase(arrangement, activation, .squaredErrorOfValues, sampleCount: 3, turn: kind * 7 + 1))
      }
      cases.append(GradientCase(.inline, activation, .crossEntropyOfLabels, sampleCount: 3, turn: kind * 7 + 2))
    }
    return cases
  }()

  init(_ arrangement: Arrangement, _ function: ActivationFunction, _ wanted: Wanted, sampleCount: Int, turn: Int) {
    let widths = Self.widths
    // Softmax over a single unit is constant, so there would be nothing to check.
    func width(_ offset: Int) -> Int {
      let width = widths[(turn + offset) % widths.count]
      return width == 1 && (function == .softmax || function == .logSoftmax || wanted != .squaredErrorOfValues)
        ? 5 : width
    }
    let output: Layer = .dense(Dense(width(3), activation: wanted == .crossEntropyOfLabels ? .softmax : .linear))
    let layers: [Layer] =
      switch arrangement {
      case .inline: [.dense(Dense(width(1), activation: function)), output]
      case .ownLayer: [.dense(Dense(width(1))), .activation(Activation(function)), output]
      case .firstLayer:
        [.activation(Activation(function)), .dense(Dense(width(1), activation: .tanh, usesBias: false)), output]
      case .twoInARow:
        [
          .dense(Dense(width(1), activation: .tanh)), .activation(Activation(function)),
          .activation(Activation(function)), output,
        ]
      case .output: [.dense(Dense(width(1), activation: .tanh)), .dense(Dense(width(3), activation: function))]
      }
    network = Network(inputs: width(0), layers: layers)
    loss = wanted == .crossEntropyOfLabels ? .categoricalCrossEntropy : .meanSquaredError
    wantsLabels = wanted != .squaredErrorOfValues
    self.sampleCount = sampleCount
    seed = UInt64(turn)
  }

  var testDescription: String {
    "\(network), \(loss) of \(wantsLabels ? "labels" : "values"), \(sampleCount) samples"
  }

  /// Random samples and parameters, drawn again until every rectifier's sum keeps its distance from the kink.
  func draw(shapes: [StageParameters], kinkDistance: Double) -> (DoubleNetwork, [StageParameters], GradientSamples)? {
    for attempt in 0..<UInt64(200) {
      var random = PhiloxStream(seed: seed, stream: attempt)
      let parameters = shapes.map { stage in
        StageParameters(
          weights: random.uniform(count: stage.weights.count, reach: 0.6),
          bias: random.uniform(count: stage.bias.count, reach: 0.3),
          slopes: stage.slopes.map { _ in 0.25 + random.uniform(reach: 0.2) }, runningMean: stage.runningMean,
          runningVariance: stage.runningVariance)
      }
      var features = random.uniform(count: sampleCount * network.inputs, reach: 1.5)
      for case .embedding(let embedding) in network.layers {
        for sample in 0..<sampleCount {
          features[sample * network.inputs + embedding.column] =
            Float(random.integer(in: 0...embedding.categories - 1))
        }
      }
      let samples = GradientSamples(
        features: features,
        labels: wantsLabels ? (0..<sampleCount).map { _ in random.integer(in: 0...network.outputs - 1) } : nil,
        targets: wantsLabels ? nil : random.uniform(count: sampleCount * network.outputs, reach: 1))
      let double = DoubleNetwork(network, loss: loss, parameters: parameters, samples: samples)
      if double.kinkDistance >= kinkDistance { return (double, parameters, samples) }
    }
    return nil
  }
}
