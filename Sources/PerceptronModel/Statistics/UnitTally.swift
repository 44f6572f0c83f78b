/// What sampled minibatches have shown of one unit.
package struct UnitTally: Sendable, Hashable {
  /// Samples seen.
  package var sampleCount = 0
  /// Samples that gave a value above 0.
  package var firedCount = 0
  /// Samples that gave a value at or beyond the activation's ``SaturationLimits``.
  package var saturatedCount = 0
  /// Sum of the values, and of their squares.
  package var sum = 0.0, squareSum = 0.0
  /// Sum of ∂loss/∂z, and of its squares.
  package var gradientSum = 0.0, gradientSquareSum = 0.0

  /// Nothing seen.
  package init() {}
}
