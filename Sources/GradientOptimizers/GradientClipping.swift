/// A bound on the gradient before the optimizer sees it.
public enum GradientClipping: Sendable, Hashable {
  /// No bound.
  case none
  /// All gradients together are shrunk to this Euclidean norm when theirs is larger.
  ///
  /// Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2012, arXiv:1211.5063.
  case globalNorm(Float)

  /// The factor for gradients of norm `norm`: `limit/(norm + 1e-6)`, at most 1, as PyTorch's `clip_grad_norm_`.
  package func scale(norm: Double) -> Float {
    switch self {
    case .none: 1
    case .globalNorm(let limit): Float(min(1, Double(limit) / (norm + 1e-6)))
    }
  }

  /// Refuses a limit that is not a finite number above zero.
  public func validate() throws(GradientOptimizersError) {
    guard case .globalNorm(let limit) = self else { return }
    try require(limit, "clipNorm", "a finite number above 0, such as 1.0") { $0 > 0 }
  }
}
