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
  /// The gradient of each unit's weights is shrunk to this share of the weights' own norm when it is longer; biases and
  /// slopes are taken layer by layer.
  ///
  ///     g · limit·max(‖w‖, 0.001)/‖g‖        where ‖g‖ ≥ limit·max(‖w‖, 0.001)
  ///
  /// Source: Brock, De, Smith, Simonyan, "High-Performance Large-Scale Image Recognition Without Normalization", 2021,
  /// arXiv:2102.06171, section 4, with units as in optax' `adaptive_grad_clip`.
  case adaptive(Float)

  /// The limit; nil without one.
  public var limit: Float? {
    switch self {
    case .none: nil
    case .value(let limit), .tensorNorm(let limit), .globalNorm(let limit), .adaptive(let limit): limit
    }
  }

  /// The norm that a unit's parameters have at least beside ``adaptive(_:)``, so that one that is zero can leave it.
  package static let smallestAdaptiveNorm = 1e-3

  /// Whether norms must be known before the update.
  package var needsNorm: Bool {
    switch self {
    case .none, .value: false
    case .tensorNorm, .globalNorm, .adaptive: true
    }
  }

  /// The factor for gradients of the finite norm `norm`: `limit/(norm + 1e-6)`, at most 1, as PyTorch's `clip_grad_norm_`.
  package func scale(norm: Double) -> Float {
    switch self {
    case .none, .value, .adaptive: 1
    case .tensorNorm(let limit), .globalNorm(let limit): Float(min(1, Double(limit) / (norm + 1e-6)))
    }
  }

  /// The key that configurations use.
  package var key: String {
    switch self {
    case .value: "clipValue"
    case .tensorNorm: "clipTensorNorm"
    case .adaptive: "clipAdaptive"
    case .none, .globalNorm: "clipNorm"
    }
  }

  /// Refuses a limit that is not a finite number above zero.
  public func validate() throws(GradientOptimizersError) {
    guard let limit else { return }
    try require(limit, key, "a finite number above 0, such as 1.0") { $0 > 0 }
  }
}
