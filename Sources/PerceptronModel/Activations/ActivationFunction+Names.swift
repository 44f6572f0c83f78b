/// Activations as configurations and model files write them: a name, and keys for the parameters.
extension ActivationFunction {
  /// The name that configurations use.
  public var name: String { form.name }

  /// The parameters, in their order.
  public var parameters: [ActivationParameter] { form.parameters }

  /// All names that ``named(_:)`` accepts.
  public static let names = all.map(\.name)

  /// All keys of parameters that any function has.
  public static let parameterNames = all.flatMap(\.settableParameters).map(\.name).reduce(into: [String]()) {
    if !$0.contains($1) { $0.append($1) }
  }

  /// The function of a configuration's name with its usual parameters; nil for an unknown name.
  public static func named(_ name: String) -> ActivationFunction? { all.first { $0.name == name } }

  /// The parameters that may be given; ``parameters`` leaves out the slope 1 of a plain linear function.
  public var settableParameters: [ActivationParameter] { settable.parameters }

  /// The function with other values of some parameters; nil for a key that it does not have, or a value of another kind.
  public func with(_ values: [String: ActivationParameter.Value]) -> ActivationFunction? {
    let form = settable
    guard values.keys.allSatisfy({ key in form.parameters.contains { $0.name == key } }) else { return nil }
    return form.withValues(form.parameters.map { values[$0.name] ?? $0.value })
  }

  private var settable: ActivationForm { self == .linear ? ActivationFunction.scaledLinear(slope: 1).form : form }
}
