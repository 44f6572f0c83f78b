/// How the parameters of a layer learn: penalties, a constraint, a rate of their own, or not at all.
///
///     Dense(64, activation: .relu, learning: LayerLearning(weights: .l2(1e-4), constraint: .maxNorm(limit: 3)))
///
/// In a step the order is: gradient of the loss, plus that of the penalties; clipping; the optimizer with the layer's rate;
/// the constraint on single weights; averages of them; the constraint on lengths.
public struct LayerLearning: Sendable, Hashable {
  /// The penalty on connection weights.
  public var weights: Regularizer
  /// The penalty on biases.
  public var biases: Regularizer
  /// The penalty on the slopes of PReLU.
  public var slopes: Regularizer
  /// The penalty on what the layer puts out, its activation included.
  public var outputs: Regularizer
  /// The factor of a penalty that draws units' weights to right angles and to length 1, f·‖W·Wᵀ − I‖², at least 0.
  ///
  /// It takes about outputs/samples of the layer's products again. Not for the reduction `hogwild`.
  ///
  /// Source: Bansal, Chen, Wang, "Can We Gain More from Orthogonality Regularizations in Training Deep CNNs?", 2018,
  /// arXiv:1810.09102.
  public var orthogonal: Float
  /// What the weights are brought back to after each update.
  public var constraint: WeightConstraint
  /// Whether the layer keeps the parameters that it has.
  public var isFrozen: Bool
  /// What the schedule's learning rate is multiplied with here, above 0.
  ///
  /// Rules that go by a rate take it; Rprop and Quickprop find the lengths of their steps themselves.
  public var rateFactor: Float
  /// Whether the optimizer's weight decay reaches the layer, as far as `decayed` lets it; penalties are apart from it.
  public var decays: Bool

  /// What is not said is as in any layer: no penalty, no constraint, the schedule's rate, the optimizer's decay.
  public init(
    weights: Regularizer = .none, biases: Regularizer = .none, slopes: Regularizer = .none,
    outputs: Regularizer = .none, orthogonal: Float = 0, constraint: WeightConstraint = .none, isFrozen: Bool = false,
    rateFactor: Float = 1, decays: Bool = true
  ) {
    self.weights = weights
    self.biases = biases
    self.slopes = slopes
    self.outputs = outputs
    self.orthogonal = orthogonal
    self.constraint = constraint
    self.isFrozen = isFrozen
    self.rateFactor = rateFactor
    self.decays = decays
  }

  /// Whether it is as in any layer, for all that an update asks: penalties on outputs are the samples' matter.
  package var isPlain: Bool {
    var updates = self
    updates.outputs = .none
    return updates == LayerLearning()
  }

  /// The penalties with the keys that configurations use.
  public var regularizers: [(key: String, regularizer: Regularizer)] {
    [
      ("regularizer", weights), ("biasRegularizer", biases), ("slopeRegularizer", slopes),
      ("activityRegularizer", outputs),
    ]
  }

  /// What must be the case where it is not; nil when all is well.
  var refusal: String? {
    for (key, regularizer) in regularizers {
      for parameter in regularizer.parameters {
        if let refusal = parameter.refusal { return "\(refusal) in its \(key)" }
      }
    }
    for parameter in constraint.parameters { if let refusal = parameter.refusal { return refusal } }
    return NamedParameter.number("orthogonalRegularizer", orthogonal, .nonNegative).refusal
      ?? NamedParameter.number("learningRateFactor", rateFactor, .positive).refusal
  }
}
