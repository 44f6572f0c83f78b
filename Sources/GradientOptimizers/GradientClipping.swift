/// A bound on the gradient before the optimizer sees it.
public enum GradientClipping: Sendable, Hashable {
  /// No bound.
  case none
  /// Every element is brought into −limit … limit, whatever the others are.
  case value(Float)
  /// The gradients of each tensor (a layer's weights, its biases, its slopes) are shrunk to this Euclidean norm when theirs
  /// is larger.
  case tensorNorm(Float)
  /// All gradients together are shrunk to this Euclidean norm when theirs is larger.
  ///
  /// Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2012, arXiv:1211.5063.
  case globalNorm(Float)

  /// The limit; nil without one.
  public var limit: Float? {
    switch self {
    case .none: nil
    case .value(let limit), .tensorNorm(let limit), .globalNorm(let limit): limit
    }
  }

  /// Whether norms must be known before the update.
  package var needsNorm: Bool {
    switch self {
    case .none, .value: false
    case .tensorNorm, .globalNorm: true
    }
  }

  /// The factor for gradients of the finite norm `norm`: `limit/(norm + 1e-6)`, at most 1, as PyTorch's `clip_grad_norm_`.
  package func scale(norm: Double) -> Float {
    switch self {
    case .none, .value: 1
    case .tensorNorm(let limit), .globalNorm(let limit): Float(min(1, Double(limit) / (norm + 1e-6)))
    }
  }

  /// The key that configurations use.
  package var key: String {
    switch self {
    case .value: "clipValue"
    case .tensorNorm: "clipTensorNorm"
    case .none, .globalNorm: "clipNorm"
    }
  }

  /// Refuses a limit that is not a finite number above zero.
  public func validate() throws(GradientOptimizersError) {
    guard let limit else { return }
    try require(limit, key, "a finite number above 0, such as 1.0") { $0 > 0 }
  }
}
