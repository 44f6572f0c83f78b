/// Brings each sample's values to mean 0 and variance 1, then scales and shifts each unit by what it learns.
///
///     y = gain·(x − m)/√(v + epsilon) + shift        m, v: mean and variance over the units of the sample
///
/// Source: Ba, Kiros, Hinton, "Layer Normalization", 2016, arXiv:1607.06450.
public struct LayerNorm: Sendable, Hashable {
  /// What keeps the division from zero, above 0.
  public var epsilon: Float

  /// A layer that normalizes each sample; gains start at 1 and shifts at 0.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }
}

/// Brings each sample's values to mean square 1, then scales each unit by what it learns.
///
///     y = gain·x/√(Σx²/units + epsilon)
///
/// Source: Zhang, Sennrich, "Root Mean Square Layer Normalization", 2019, arXiv:1910.07467.
public struct RMSNorm: Sendable, Hashable {
  /// What keeps the division from zero, above 0.
  public var epsilon: Float

  /// A layer that normalizes each sample; gains start at 1.
  public init(epsilon: Float = 1e-6) { self.epsilon = epsilon }
}
