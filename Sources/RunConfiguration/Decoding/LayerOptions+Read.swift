import Fascicle

/// Reads what a layer's options are: an initializer or a constraint by name or as a section, penalties as sections.
extension SectionReader {
  /// Keys of a dense layer's options.
  static let denseOptionKeys = [
    "initializer", "bias", "initialBias", "regularizer", "biasRegularizer", "activityRegularizer",
    "orthogonalRegularizer", "constraint",
    "frozen", "learningRateFactor", "decay",
  ]

  /// A name, or a section such as `{ name: orthogonal, gain: 1.4 }`, with the parameters that the named one has.
  ///
  /// - Returns: nil when the key is missing or wrong.
  func named<Value>(
    _ key: String, among names: [String], make: (String) -> Value?, parameters: (Value) -> [NamedParameter],
    with: (Value, [String: NamedParameter.Value]) -> Value?
  ) -> Value? {
    guard let node = node(key) else { return nil }
    guard case .section = node.value else {
      return choice(key, default: Value?.none, among: names) { name in make(name).map { .some($0) } } ?? nil
    }
    let section = section(key, example: "name: \(names[0])")
    guard section.has("name") else {
      section.require("name", because: "a section here says what it is, as in { name: \(names[0]) }")
      return nil
    }
    let found = section.choice("name", default: Value?.none, among: names) { name in make(name).map { .some($0) } }
    guard let usual = found ?? nil else { return nil }
    var values: [String: NamedParameter.Value] = [:]
    for parameter in parameters(usual) { values[parameter.name] = section.value(of: parameter) }
    section.finish()
    return with(usual, values) ?? usual
  }

  /// The value of a parameter's key.
  func value(of parameter: NamedParameter) -> NamedParameter.Value {
    switch parameter.value {
    case .number(let usual): .number(float(parameter.name, default: usual))
    case .word(let usual):
      .word(
        choice(parameter.name, default: usual, among: parameter.words) { word in
          parameter.words.contains(word) ? word : nil
        } ?? usual)
    }
  }

  /// `auto`, a name or a section.
  func initializer() -> Initializer? {
    let found: Initializer?? = named(
      "initializer", among: ["auto"] + Initializer.names,
      make: { name -> Initializer?? in name == "auto" ? .some(nil) : Initializer.named(name).map { .some($0) } },
      parameters: { $0?.parameters ?? [] },
      with: { initializer, values in .some(initializer.flatMap { $0.with(values) }) })
    return found ?? nil
  }

  /// A penalty as `{ l1: …, l2: … }`.
  func regularizer(_ key: String) -> Regularizer {
    guard has(key) else {
      _ = node(key)
      return .none
    }
    let section = section(key, example: "l2: 0.0001")
    let regularizer = Regularizer(l1: section.float("l1", default: 0), l2: section.float("l2", default: 0))
    section.finish()
    return regularizer
  }

  /// How a dense layer's parameters learn; `learnsSlopes` where its activation has some.
  func learning(learnsSlopes: Bool) -> LayerLearning {
    let constraint = named(
      "constraint", among: WeightConstraint.all.map(\.name), make: { WeightConstraint.named($0) },
      parameters: { $0.parameters }, with: { $0.with($1) })
    return LayerLearning(
      weights: regularizer("regularizer"), biases: regularizer("biasRegularizer"),
      slopes: learnsSlopes ? regularizer("slopeRegularizer") : .none, outputs: regularizer("activityRegularizer"),
      orthogonal: float("orthogonalRegularizer", default: 0),
      constraint: constraint ?? .none, isFrozen: flag("frozen", default: false),
      rateFactor: float("learningRateFactor", default: 1), decays: flag("decay", default: true))
  }
}
