/// A parameter of a loss as configurations and model files write it.
public typealias LossParameter = NamedParameter

/// Losses as configurations and model files write them: a name, and keys for the parameters.
extension Loss {
  /// The name that configurations use.
  public var name: String { form.name }

  /// The parameters, in their order.
  public var parameters: [LossParameter] { form.parameters }

  /// Whether every parameter has its usual value, so that the name says all.
  public var isUsual: Bool { Loss.named(name) == self }

  /// All names that ``named(_:)`` accepts.
  public static let names = all.map(\.name)

  /// All keys of parameters that any loss has.
  public static let parameterNames = all.flatMap(\.parameters).map(\.name).reduce(into: [String]()) {
    if !$0.contains($1) { $0.append($1) }
  }

  /// The loss of a configuration's name with its usual parameters; nil for an unknown name.
  public static func named(_ name: String) -> Loss? { all.first { $0.name == name } }

  /// The loss with other values of some parameters; nil for a key that it does not have, or a value of another kind.
  public func with(_ values: [String: LossParameter.Value]) -> Loss? {
    let form = form
    guard values.keys.allSatisfy({ key in form.parameters.contains { $0.name == key } }),
      form.parameters.allSatisfy({ parameter in values[parameter.name].map(parameter.accepts) ?? true })
    else { return nil }
    return form.withValues(form.parameters.map { values[$0.name] ?? $0.value })
  }
}

extension Loss: CustomStringConvertible {
  /// The name, with the parameters that are not the usual ones in brackets.
  public var description: String {
    let usual = Loss.named(name)?.parameters ?? []
    let values = zip(parameters, usual).compactMap { parameter, usual -> String? in
      guard parameter != usual else { return nil }
      return switch parameter.value {
      case .number(let number): "\(parameter.name) \(number)"
      case .word(let word): "\(parameter.name) \(word)"
      }
    }
    return values.isEmpty ? name : "\(name)(\(values.joined(separator: ", ")))"
  }
}
