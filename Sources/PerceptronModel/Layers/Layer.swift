/// One layer of a network, in the order in which samples pass through.
public enum Layer: Sendable, Hashable {
  /// A learned vector in the place of a column of category numbers.
  case embedding(Embedding)
  /// A fully connected layer.
  case dense(Dense)
  /// An activation as a layer of its own.
  case activation(Activation)
  /// Values left out at random.
  case dropout(Dropout)
  /// Values left out at random, for SELU.
  case alphaDropout(AlphaDropout)
  /// Normal noise.
  case gaussianNoise(GaussianNoise)
  /// Normalization of each sample by mean and variance.
  case layerNorm(LayerNorm)
  /// Normalization of each sample by its mean square.
  case rmsNorm(RMSNorm)
  /// Normalization of each unit over the samples of a minibatch.
  case batchNorm(BatchNorm)
  /// Gated linear units.
  case gatedLinear(GatedLinear)
  /// A span of layers whose input is added to its output.
  case residual(Residual)
}

/// A fully connected layer: every unit sees every input.
///
///     y[b,o] = f( Σ_i w[o,i]·x[b,i] + bias[o] )
public struct Dense: Sendable, Hashable {
  /// How many neurons the layer has.
  public var units: Int
  /// The function f.
  public var activation: ActivationFunction
  /// How the weights are drawn; nil picks He's for rectifiers, LeCun's normal for SELU and Glorot's otherwise.
  public var initializer: Initializer?
  /// Whether each unit has a bias.
  public var usesBias: Bool
  /// Where the biases start; with `nguyen_widrow` they are drawn.
  public var initialBias: Float
  /// How the parameters learn.
  public var learning: LayerLearning

  /// A layer of `units` neurons.
  public init(
    _ units: Int, activation: ActivationFunction = .linear, initializer: Initializer? = nil, usesBias: Bool = true,
    initialBias: Float = 0, learning: LayerLearning = LayerLearning()
  ) {
    self.units = units
    self.activation = activation
    self.initializer = initializer
    self.usesBias = usesBias
    self.initialBias = initialBias
    self.learning = learning
  }
}

/// An activation as a layer of its own: `Dense(64)` followed by `Activation(.tanh)` is `Dense(64, activation: .tanh)`.
public struct Activation: Sendable, Hashable {
  /// The function applied to every value.
  public var function: ActivationFunction
  /// The penalty on its slopes, where it learns any.
  public var slopeRegularizer: Regularizer

  /// A layer that applies `function`.
  public init(_ function: ActivationFunction, slopeRegularizer: Regularizer = .none) {
    self.function = function
    self.slopeRegularizer = slopeRegularizer
  }
}

extension Activation {
  /// The penalty as a layer's options.
  var learning: LayerLearning { LayerLearning(slopes: slopeRegularizer) }
}

/// Collects the layers written between the braces of a ``Network``.
@resultBuilder
public enum LayerBuilder {
  /// An embedding.
  public static func buildExpression(_ embedding: Embedding) -> [Layer] { [.embedding(embedding)] }
  /// A dense layer.
  public static func buildExpression(_ dense: Dense) -> [Layer] { [.dense(dense)] }
  /// An activation layer.
  public static func buildExpression(_ activation: Activation) -> [Layer] { [.activation(activation)] }
  /// A dropout layer.
  public static func buildExpression(_ dropout: Dropout) -> [Layer] { [.dropout(dropout)] }
  /// An alpha dropout layer.
  public static func buildExpression(_ dropout: AlphaDropout) -> [Layer] { [.alphaDropout(dropout)] }
  /// A noise layer.
  public static func buildExpression(_ noise: GaussianNoise) -> [Layer] { [.gaussianNoise(noise)] }
  /// A layer norm.
  public static func buildExpression(_ norm: LayerNorm) -> [Layer] { [.layerNorm(norm)] }
  /// An RMS norm.
  public static func buildExpression(_ norm: RMSNorm) -> [Layer] { [.rmsNorm(norm)] }
  /// A batch norm.
  public static func buildExpression(_ norm: BatchNorm) -> [Layer] { [.batchNorm(norm)] }
  /// Gated linear units.
  public static func buildExpression(_ gate: GatedLinear) -> [Layer] { [.gatedLinear(gate)] }
  /// A residual connection.
  public static func buildExpression(_ residual: Residual) -> [Layer] { [.residual(residual)] }
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
