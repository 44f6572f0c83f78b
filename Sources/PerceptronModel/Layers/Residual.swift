/// A span of layers whose input is added to what they put out: y = F(x) + x.
///
///     Residual {
///       Dense(64, activation: .relu)
///       Dense(64)
///     }
///
/// The span must put out as many values as it takes in.
///
/// Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385.
public struct Residual: Sendable, Hashable {
  /// The layers of the span, input side first.
  public var layers: [Layer]

  /// A residual connection around the layers written between the braces.
  public init(@LayerBuilder layers: () -> [Layer]) { self.layers = layers() }

  /// A residual connection around given layers.
  public init(layers: [Layer]) { self.layers = layers }
}

/// Gated linear units: one half of the values lets the other half through, y = x₁·σ(x₂), which halves the width.
///
/// Source: Dauphin, Fan, Auli, Grangier, "Language Modeling with Gated Convolutional Networks", 2017, arXiv:1612.08083.
public struct GatedLinear: Sendable, Hashable {
  /// A layer of as many gates as half of its input.
  public init() {}
}
