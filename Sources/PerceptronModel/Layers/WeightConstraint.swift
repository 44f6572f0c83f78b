/// What every unit's incoming weights are brought back to after each update; biases stay as they are.
public enum WeightConstraint: Sendable, Hashable {
  /// Anything goes.
  case none
  /// A row longer than `limit` is shortened to it: w ← w·limit/‖w‖ where ‖w‖ > limit.
  ///
  /// Source: Srebro, Shraibman, "Rank, trace-norm and max-norm", 2005; with dropout: Srivastava, Hinton, Krizhevsky,
  /// Sutskever, Salakhutdinov, JMLR 15, 2014.
  case maxNorm(limit: Float = 2)
  /// Every row has length 1, a row of zeros excepted: w ← w/‖w‖.
  case unitNorm
  /// Negative weights become zero.
  case nonNegative

  /// Every constraint, with its usual parameters.
  public static let all: [WeightConstraint] = [.none, .maxNorm(), .unitNorm, .nonNegative]

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .none: "none"
    case .maxNorm: "max_norm"
    case .unitNorm: "unit_norm"
    case .nonNegative: "non_negative"
    }
  }

  /// The parameters, in their order.
  public var parameters: [NamedParameter] {
    if case .maxNorm(let limit) = self { [.number("limit", limit, .positive)] } else { [] }
  }

  /// The constraint of a name with its usual parameters; nil for an unknown name.
  public static func named(_ name: String) -> WeightConstraint? { all.first { $0.name == name } }

  /// The constraint with other values of some parameters; nil for a key that it does not have, or a value of another kind.
  public func with(_ values: [String: NamedParameter.Value]) -> WeightConstraint? {
    if values.isEmpty { return self }
    guard case .maxNorm = self, values.count == 1, case .number(let limit) = values["limit"] else { return nil }
    return .maxNorm(limit: limit)
  }

  /// Whether a row's length matters, and so all of its weights together.
  package var needsWholeRows: Bool {
    switch self {
    case .maxNorm, .unitNorm: true
    case .none, .nonNegative: false
    }
  }
}
