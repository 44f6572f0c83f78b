import NeuronKernels

/// An optimizer that first turns every gradient into a direction, and then goes along it as far as each tensor's norms allow.
///
/// The runtime calls ``formDirection(_:in:)`` for every slice, waits for all, takes the norms of each tensor (a layer's
/// weights, its biases, its slopes), and calls ``GradientOptimizer/update(_:)`` with the direction in place of the gradient
/// and the trust ratio as its scale.
package protocol TrustRatioOptimizer: GradientOptimizer {
  /// Replaces the slice's gradients, which lie at `direction`, by the direction.
  func formDirection(_ slice: ParameterSlice, in direction: UnsafeMutablePointer<Float>)
  /// What a tensor's direction is multiplied with, from ‖w‖, ‖direction‖ and how many parameters there are.
  func trustRatio(parameterNorm: Double, directionNorm: Double, count: Int) -> Float
}

/// coefficient·‖w‖/‖d‖, or 1 where either is zero: a tensor that is zero must be able to leave it.
func trustRatio(_ coefficient: Float, parameterNorm: Double, directionNorm: Double) -> Float {
  guard parameterNorm > 0, directionNorm > 0 else { return 1 }
  return Float(decimal(coefficient) * parameterNorm / directionNorm)
}
