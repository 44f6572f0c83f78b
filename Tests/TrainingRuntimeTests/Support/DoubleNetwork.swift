import Fascicle
import Foundation

/// A network computed the plain way: in Double, layer after layer as they are written, sample after sample.
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
    let all = outputs(kinkDistance: &nearest)
    return all.indices.reduce(0.0) { $0 + sampleLoss($1, all[$1]) } / Double(sampleCount)
  }

  /// The outputs of all samples, row-major.
  var answers: [Double] {
    var nearest = Double.infinity
    return outputs(kinkDistance: &nearest).flatMap { $0 }
  }

  /// Samples whose largest output is their label's.
  var correctCount: Int {
    var nearest = Double.infinity
    return outputs(kinkDistance: &nearest).enumerated().count { sample, outputs in
      outputs.firstIndex(of: outputs.max() ?? 0) == labels?[sample]
    }
  }

  /// The smallest distance of any rectifier's sum from zero, where its derivative jumps.
  var kinkDistance: Double {
    var nearest = Double.infinity
    _ = outputs(kinkDistance: &nearest)
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

  /// The outputs sample by sample; all samples go through a layer before the next one, since some look at all of them.
  private func outputs(kinkDistance: inout Double) -> [[Double]] {
    var samples = (0..<sampleCount).map { Array(features[$0 * network.inputs..<($0 + 1) * network.inputs]) }
    func change(_ body: (inout [Double]) -> Void) { for sample in samples.indices { body(&samples[sample]) } }
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
          let slopes = dense.activation.learnsSlope ? take() : []
          change {
            $0 = Self.sums(of: $0, weights: weights, bias: bias, units: dense.units)
            Self.apply(dense.activation, slopes: slopes, to: &$0, kinkDistance: &kinkDistance)
          }
        case .activation(let activation):
          let slopes = activation.function.learnsSlope ? take() : []
          change { Self.apply(activation.function, slopes: slopes, to: &$0, kinkDistance: &kinkDistance) }
        case .layerNorm(let norm):
          let shift = take(), gain = take()
          change { values in
            let mean = values.reduce(0, +) / Double(values.count)
            values = Self.normalized(values.map { $0 - mean }, epsilon: norm.epsilon, gain: gain, shift: shift)
          }
        case .rmsNorm(let norm):
          let gain = take()
          change { $0 = Self.normalized($0, epsilon: norm.epsilon, gain: gain, shift: nil) }
        case .batchNorm(let norm):
          let shift = norm.usesShift ? take() : nil, gain = norm.usesGain ? take() : nil
          for unit in samples[0].indices {
            let count = Double(sampleCount), mean = samples.reduce(0) { $0 + $1[unit] } / count
            let variance = samples.reduce(0) { $0 + ($1[unit] - mean) * ($1[unit] - mean) } / count
            let inverse = 1 / (variance + Double(norm.epsilon)).squareRoot()
            change { $0[unit] = (gain?[unit] ?? 1) * ($0[unit] - mean) * inverse + (shift?[unit] ?? 0) }
          }
        case .gatedLinear:
          change { values in
            let half = values.count / 2
            values = (0..<half).map { values[$0] / (1 + exp(-values[half + $0])) }
          }
        case .residual(let residual):
          let before = samples
          run(residual.layers)
          for sample in samples.indices { samples[sample] = zip(before[sample], samples[sample]).map { $0 + $1 } }
        case .embedding(let embedding):
          // Tests embed columns from the last to the first, so that none moves before its turn.
          let vectors = take(), width = embedding.width
          change { values in
            let category = Int(values.remove(at: embedding.column))
            values += vectors[category * width..<(category + 1) * width]
          }
        case .dropout, .alphaDropout, .gaussianNoise:
          fatalError("what is drawn has no central difference")
        }
      }
    }
    run(network.layers)
    return samples
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
