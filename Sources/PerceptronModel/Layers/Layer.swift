/// One layer of a network, in the order in which samples pass through.
public enum Layer: Sendable, Hashable {
  /// A fully connected layer.
  case dense(Dense)
  /// An activation as a layer of its own.
  case activation(Activation)
}

/// A fully connected layer: every unit sees every input.
///
///     y[b,o] = f( Σ_i w[o,i]·x[b,i] + bias[o] )
public struct Dense: Sendable, Hashable {
  /// How many neurons the layer has.
  public var units: Int
  /// The function f.
  public var activation: ActivationFunction
  /// How the weights are drawn; nil picks He's for rectifiers and Glorot's otherwise.
  public var initializer: Initializer?
  /// Whether each unit has a bias.
  public var usesBias: Bool

  /// A layer of `units` neurons.
  public init(
    _ units: Int, activation: ActivationFunction = .linear, initializer: Initializer? = nil, usesBias: Bool = true
  ) {
    self.units = units
    self.activation = activation
    self.initializer = initializer
    self.usesBias = usesBias
  }
}

/// An activation as a layer of its own: `Dense(64)` followed by `Activation(.tanh)` is `Dense(64, activation: .tanh)`.
public struct Activation: Sendable, Hashable {
  /// The function applied to every value.
  public var function: ActivationFunction

  /// A layer that applies `function`.
  public init(_ function: ActivationFunction) { self.function = function }
}

/// Collects the layers written between the braces of a ``Network``.
@resultBuilder
public enum LayerBuilder {
  /// A dense layer.
  public static func buildExpression(_ dense: Dense) -> [Layer] { [.dense(dense)] }
  /// An activation layer.
  public static func buildExpression(_ activation: Activation) -> [Layer] { [.activation(activation)] }
  /// A layer made elsewhere.
  public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
  /// Layers in sequence.
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
  /// Layers under an `if`.
  public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
  /// Layers of an `if`'s first branch.
  public static func buildEither(first part: [Layer]) -> [Layer] { part }
  /// Layers of an `if`'s second branch.
  public static func buildEither(second part: [Layer]) -> [Layer] { part }
  /// Layers of a loop.
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
}
