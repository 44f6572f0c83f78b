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

  /// Units of the last dense layer, which is what the network puts out; the inputs when there is none.
  public var outputs: Int {
    for case .dense(let dense) in layers.reversed() { return dense.units }
    return inputs
  }
}

extension Network: CustomStringConvertible {
  /// Widths and activations, as in `784 → 256 relu → 10 softmax`.
  public var description: String {
    var parts = ["\(inputs)"]
    for layer in layers {
      switch layer {
      case .dense(let dense):
        parts.append(dense.activation == .linear ? "\(dense.units)" : "\(dense.units) \(dense.activation)")
      case .activation(let activation): parts[parts.count - 1] += " \(activation.function)"
      }
    }
    return parts.joined(separator: " → ")
  }
}
