import Fascicle
import Foundation

/// A network computed the plain way: in Double, sample after sample, layer after layer as they are written.
///
/// It shares no code with the package beyond the description of the network.
struct DoubleNetwork {
  let network: Network
  let loss: Loss
  /// The parameters in layer order: for each layer its weights `[output][input]`, biases and slopes, as far as it has them.
  var tensors: [[Double]]
  /// The samples, row-major, and what is wanted of them: labels, or rows of values.
  let features: [Double]
  let labels: [Int]?
  let targets: [Double]?

  init(_ network: Network, loss: Loss, parameters: [StageParameters], samples: GradientSamples) {
    self.network = network
    self.loss = loss
    tensors = Self.tensors(parameters)
    features = samples.features.map { Double($0) }
    labels = samples.labels
    targets = samples.targets?.map { Double($0) }
  }

  /// A trainer's parameters, or gradients in their place, as the list ``tensors``.
  static func tensors(_ parameters: [StageParameters]) -> [[Double]] {
    parameters.flatMap { [$0.weights, $0.bias, $0.slopes] }.filter { !$0.isEmpty }.map { $0.map { Double($0) } }
  }

  var sampleCount: Int { features.count / network.inputs }

  /// The mean loss over the samples.
  var meanLoss: Double {
    var nearest = Double.infinity
    return (0..<sampleCount).reduce(0.0) { $0 + sampleLoss($1, outputs(ofSample: $1, kinkDistance: &nearest)) }
      / Double(sampleCount)
  }

  /// The outputs of all samples, row-major.
  var answers: [Double] {
    var nearest = Double.infinity
    return (0..<sampleCount).flatMap { outputs(ofSample: $0, kinkDistance: &nearest) }
  }

  /// Samples whose largest output is their label's.
  var correctCount: Int {
    var nearest = Double.infinity
    return (0..<sampleCount).reduce(0) { count, sample in
      let outputs = outputs(ofSample: sample, kinkDistance: &nearest)
      return count + (outputs.firstIndex(of: outputs.max() ?? 0) == labels?[sample] ? 1 : 0)
    }
  }

  /// The smallest distance of any rectifier's sum from zero, where its derivative jumps.
  var kinkDistance: Double {
    var nearest = Double.infinity
    for sample in 0..<sampleCount { _ = outputs(ofSample: sample, kinkDistance: &nearest) }
    return nearest
  }

  /// ∂meanLoss/∂parameter by central differences.
  mutating func centralDifference(tensor: Int, element: Int, step: Double) -> Double {
    let value = tensors[tensor][element]
    tensors[tensor][element] = value + step
    let above = meanLoss
    tensors[tensor][element] = value - step
    let below = meanLoss
    tensors[tensor][element] = value
    return (above - below) / (2 * step)
  }

  private func outputs(ofSample sample: Int, kinkDistance: inout Double) -> [Double] {
    var values = Array(features[sample * network.inputs..<(sample + 1) * network.inputs])
    var next = 0
    func take() -> [Double] {
      defer { next += 1 }
      return tensors[next]
    }
    func run(_ layers: [Layer]) {
      for layer in layers {
        switch layer {
        case .dense(let dense):
          let weights = take(), bias = dense.usesBias ? take() : nil
          values = Self.sums(of: values, weights: weights, bias: bias, units: dense.units)
          let slopes = dense.activation.learnsSlope ? take() : []
          Self.apply(dense.activation, slopes: slopes, to: &values, kinkDistance: &kinkDistance)
        case .activation(let activation):
          let slopes = activation.function.learnsSlope ? take() : []
          Self.apply(activation.function, slopes: slopes, to: &values, kinkDistance: &kinkDistance)
        case .layerNorm(let norm):
          let shift = take(), gain = take(), mean = values.reduce(0, +) / Double(values.count)
          values = Self.normalized(values.map { $0 - mean }, epsilon: norm.epsilon, gain: gain, shift: shift)
        case .rmsNorm(let norm):
          values = Self.normalized(values, epsilon: norm.epsilon, gain: take(), shift: nil)
        case .gatedLinear:
          let half = values.count / 2
          values = (0..<half).map { values[$0] / (1 + exp(-values[half + $0])) }
        case .residual(let residual):
          let before = values
          run(residual.layers)
          values = zip(before, values).map { $0 + $1 }
        case .dropout, .alphaDropout, .gaussianNoise:
          fatalError("what is drawn has no central difference")
        }
      }
    }
    run(network.layers)
    return values
  }

  private static func normalized(_ values: [Double], epsilon: Float, gain: [Double], shift: [Double]?) -> [Double] {
    let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    let inverse = 1 / (square + Double(epsilon)).squareRoot()
    return values.indices.map { gain[$0] * values[$0] * inverse + (shift?[$0] ?? 0) }
  }

  private static func sums(of inputs: [Double], weights: [Double], bias: [Double]?, units: Int) -> [Double] {
    (0..<units).map { unit in
      var sum = bias?[unit] ?? 0
      for input in inputs.indices { sum += weights[unit * inputs.count + input] * inputs[input] }
      return sum
    }
  }

  private static func apply(
    _ function: ActivationFunction, slopes: [Double], to values: inout [Double], kinkDistance: inout Double
  ) {
    switch function {
    case .linear: return
    case .sigmoid: values = values.map { 1 / (1 + exp(-$0)) }
    case .tanh: values = values.map { Foundation.tanh($0) }
    case .relu: rectify(&values, kinkDistance: &kinkDistance) { _ in 0 }
    case .leakyReLU(let slope): rectify(&values, kinkDistance: &kinkDistance) { _ in Double(slope) }
    case .preLU: rectify(&values, kinkDistance: &kinkDistance) { slopes[slopes.count == 1 ? 0 : $0] }
    case .softmax:
      let largest = values.max() ?? 0
      let powers = values.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      values = powers.map { $0 / sum }
    case .logSoftmax:
      let largest = values.max() ?? 0
      let sum = values.reduce(0) { $0 + exp($1 - largest) }
      values = values.map { $0 - largest - log(sum) }
    default:
      for kink in function.kinks {
        for value in values { kinkDistance = min(kinkDistance, abs(value - kink)) }
      }
      values = values.map(function.plainValue)
    }
  }

  private static func rectify(_ values: inout [Double], kinkDistance: inout Double, slope: (Int) -> Double) {
    // An exact zero comes from a rectifier just before and stays zero when parameters move a little.
    for unit in values.indices where values[unit] != 0 {
      kinkDistance = min(kinkDistance, abs(values[unit]))
      if values[unit] < 0 { values[unit] *= slope(unit) }
    }
  }

  private func sampleLoss(_ sample: Int, _ outputs: [Double]) -> Double {
    switch loss {
    case .crossEntropy:
      return -log(outputs[labels?[sample] ?? 0])
    case .meanSquaredError:
      let squares = outputs.indices.map { unit in
        let wanted = targets?[sample * outputs.count + unit] ?? (labels?[sample] == unit ? 1 : 0)
        return (outputs[unit] - wanted) * (outputs[unit] - wanted)
      }
      return squares.reduce(0, +) / Double(outputs.count)
    default: fatalError("the plain network does not know the loss \(loss)")
    }
  }
}

extension ActivationFunction {
  fileprivate var learnsSlope: Bool { if case .preLU = self { true } else { false } }
}

/// Samples to take a gradient over.
struct GradientSamples: Sendable {
  let features: [Float]
  let labels: [Int]?
  let targets: [Float]?

  /// The same as a data set.
  func dataset(_ network: Network) throws -> Dataset {
    if let labels {
      return try Dataset(
        features: features, featureCount: network.inputs, labels: labels, classCount: network.outputs)
    }
    return try Dataset(
      features: features, featureCount: network.inputs, targets: targets ?? [], targetCount: network.outputs)
  }
}
