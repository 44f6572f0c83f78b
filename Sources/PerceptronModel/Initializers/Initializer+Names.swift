/// Initializers as configurations and model files write them: a name, and keys for the parameters.
extension Initializer {
  /// Every initializer, with its usual parameters.
  public static let all: [Initializer] = [
    .glorotUniform, .glorotNormal, .heUniform, .heNormal, .lecunUniform, .lecunNormal, .randomNormal(),
    .randomUniform(), .truncatedNormal(), .varianceScaling(), .orthogonal(), .constant(value: 0), .zeros, .ones,
    .identity(), .sparse(), .nguyenWidrow,
  ]

  /// All names that ``named(_:)`` accepts.
  public static let names = all.map(\.name)

  /// The initializer of a name with its usual parameters; nil for an unknown name.
  public static func named(_ name: String) -> Initializer? { all.first { $0.name == name } }

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .glorotUniform: "glorot_uniform"
    case .glorotNormal: "glorot_normal"
    case .heUniform: "he_uniform"
    case .heNormal: "he_normal"
    case .lecunUniform: "lecun_uniform"
    case .lecunNormal: "lecun_normal"
    case .randomNormal: "random_normal"
    case .randomUniform: "random_uniform"
    case .truncatedNormal: "truncated_normal"
    case .varianceScaling: "variance_scaling"
    case .orthogonal: "orthogonal"
    case .constant: "constant"
    case .zeros: "zeros"
    case .ones: "ones"
    case .identity: "identity"
    case .sparse: "sparse"
    case .nguyenWidrow: "nguyen_widrow"
    }
  }

  /// The parameters, in their order.
  public var parameters: [NamedParameter] {
    switch self {
    case .randomNormal(let deviation), .truncatedNormal(let deviation):
      [.number("deviation", deviation, .nonNegative)]
    case .randomUniform(let bound): [.number("bound", bound, .nonNegative)]
    case .varianceScaling(let scale, let fan, let distribution):
      [.number("scale", scale, .positive), .word("mode", fan), .word("distribution", distribution)]
    case .orthogonal(let gain), .identity(let gain): [.number("gain", gain)]
    case .constant(let value): [.number("value", value)]
    case .sparse(let share, let deviation):
      [.number("share", share, .share), .number("deviation", deviation, .nonNegative)]
    default: []
    }
  }

  /// The initializer with other values of some parameters; nil for a key that it does not have, or a value of another kind.
  public func with(_ values: [String: NamedParameter.Value]) -> Initializer? {
    var changed = parameters
    for (key, value) in values {
      guard let index = changed.firstIndex(where: { $0.name == key }), changed[index].accepts(value) else { return nil }
      changed[index].value = value
    }
    return with(changed)
  }

  private func with(_ parameters: [NamedParameter]) -> Initializer? {
    func number(_ index: Int) -> Float { parameters[index].number }
    func choice<Choice: RawRepresentable<String>>(_ index: Int) -> Choice? {
      if case .word(let word) = parameters[index].value { Choice(rawValue: word) } else { nil }
    }
    switch self {
    case .randomNormal: return .randomNormal(deviation: number(0))
    case .truncatedNormal: return .truncatedNormal(deviation: number(0))
    case .randomUniform: return .randomUniform(bound: number(0))
    case .varianceScaling:
      guard let fan: InitializerFan = choice(1), let distribution: InitializerDistribution = choice(2) else {
        return nil
      }
      return .varianceScaling(scale: number(0), fan: fan, distribution: distribution)
    case .orthogonal: return .orthogonal(gain: number(0))
    case .identity: return .identity(gain: number(0))
    case .constant: return .constant(value: number(0))
    case .sparse: return .sparse(share: number(0), deviation: number(1))
    default: return self
    }
  }
}
