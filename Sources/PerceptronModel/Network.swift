/// A multilayer perceptron as a value: how many inputs, and which layers.
///
///     let network = Network(inputs: 784) {
///       Dense(256, activation: .relu)
///       Dense(128)
///       Activation(.tanh)
///       Dense(10, activation: .softmax)
///     }
///
/// It holds no weights; a `Trainer` draws and owns them.
public struct Network: Sendable, Hashable {
  /// Features of a sample.
  public var inputs: Int
  /// The layers, input side first.
  public var layers: [Layer]

  /// A network of the layers written between the braces.
  public init(inputs: Int, @LayerBuilder layers: () -> [Layer]) {
    self.init(inputs: inputs, layers: layers())
  }

  /// A network of given layers.
  public init(inputs: Int, layers: [Layer]) {
    self.inputs = inputs
    self.layers = layers
  }

  /// Values that the network puts out for a sample: the units of its last dense layer, or half of them behind a gate.
  public var outputs: Int { layers.outputs(of: inputs) }

  /// The activation that the outputs come from; nil where another kind of layer is the last.
  public var lastActivation: ActivationFunction? {
    switch layers.last {
    case .dense(let dense): dense.activation
    case .activation(let activation): activation.function
    default: nil
    }
  }
}

extension [Layer] {
  /// Values that the layers put out for `inputs`.
  func outputs(of inputs: Int) -> Int { reduce(inputs) { $1.outputs(of: $0) } }
}

extension Layer {
  /// Values that the layer puts out for `inputs`.
  public func outputs(of inputs: Int) -> Int {
    switch self {
    case .embedding(let embedding): inputs - 1 + embedding.width
    case .dense(let dense): dense.units
    case .gatedLinear: inputs / 2
    case .activation, .dropout, .alphaDropout, .gaussianNoise, .layerNorm, .rmsNorm, .batchNorm, .residual: inputs
    }
  }

  /// Layer and main parameters as summaries write them, as in `dense 64 relu`, `dropout 0.2` or `residual [64 relu → 64]`.
  public var summary: String {
    switch self {
    case .embedding(let embedding): embedding.summary
    case .dense(let dense): "dense \(dense.units)\(dense.activation == .linear ? "" : " \(dense.activation)")"
    case .activation(let activation): "\(activation.function)"
    case .dropout(let dropout): "dropout \(dropout.rate)"
    case .alphaDropout(let dropout): "alpha dropout \(dropout.rate)"
    case .gaussianNoise(let noise): "noise \(noise.deviation)"
    case .layerNorm: "layer norm"
    case .rmsNorm: "rms norm"
    case .batchNorm: "batch norm"
    case .gatedLinear: "glu"
    case .residual(let residual): "residual [\(residual.layers.description(after: []).joined(separator: " → "))]"
    }
  }
}

extension Network: CustomStringConvertible {
  /// Widths and layers, as in `784 → 256 relu → 10 softmax`.
  public var description: String { layers.description(after: ["\(inputs)"]).joined(separator: " → ") }
}

extension [Layer] {
  /// Parts that a description joins with arrows; an activation goes with the layer before it.
  fileprivate func description(after parts: [String]) -> [String] {
    var parts = parts
    for layer in self {
      switch layer {
      case .dense(let dense):
        parts.append(dense.activation == .linear ? "\(dense.units)" : "\(dense.units) \(dense.activation)")
      case .activation(let activation) where !parts.isEmpty: parts[parts.count - 1] += " \(activation.function)"
      default: parts.append(layer.summary)
      }
    }
    return parts
  }
}
