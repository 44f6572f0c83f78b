import PerceptronModel

/// How layers were drawn and learned, as `model.json` keeps it for those who train the model on; answers need none of it.
///
/// Only what differs from any layer is written; the keys are those of configurations in the file's own spelling.
extension Dense {
  var optionMembers: [JSONNode.Member] {
    drawnMembers(initializer)
      + (initialBias == 0 ? [] : [.init("initial_bias", .float(initialBias))]) + learning.members
  }
}

/// How parameters were drawn, where somebody said.
func drawnMembers(_ initializer: Initializer?) -> [JSONNode.Member] {
  initializer.map { [.init("initializer", .named($0.name, $0.parameters))] } ?? []
}

extension Activation {
  var optionMembers: [JSONNode.Member] { LayerLearning(slopes: slopeRegularizer).members }
}

extension LayerLearning {
  var members: [JSONNode.Member] {
    var members = Self.regularizerKeys.compactMap { key, path -> JSONNode.Member? in
      let regularizer = self[keyPath: path]
      return regularizer.isNone ? nil : .init(key, .object(regularizer.parameters.map(\.member)))
    }
    if orthogonal != 0 { members.append(.init("orthogonal_regularizer", .float(orthogonal))) }
    if constraint != .none { members.append(.init("constraint", .named(constraint.name, constraint.parameters))) }
    if isFrozen { members.append(.init("frozen", .flag(true))) }
    if rateFactor != 1 { members.append(.init("learning_rate_factor", .float(rateFactor))) }
    if !decays { members.append(.init("decay", .flag(false))) }
    return members
  }

  fileprivate static var regularizerKeys: [(String, WritableKeyPath<LayerLearning, Regularizer>)] {
    [
      ("regularizer", \.weights), ("bias_regularizer", \.biases), ("slope_regularizer", \.slopes),
      ("activity_regularizer", \.outputs),
    ]
  }
}

extension NamedParameter {
  fileprivate var member: JSONNode.Member {
    switch value {
    case .number(let number): .init(name, .float(number))
    case .word(let word): .init(name, .text(word))
    }
  }
}

extension JSONNode {
  /// An object with a name and its parameters.
  fileprivate static func named(_ name: String, _ parameters: [NamedParameter]) -> JSONNode {
    .object([Member("name", .text(name))] + parameters.map(\.member))
  }
}

extension JSONPlace {
  /// The initializer that a layer names; nil for none.
  func initializer() throws(ModelExchangeError) -> Initializer? {
    guard let place = try member("initializer") else { return nil }
    let name = try place["name"]
    guard let usual = Initializer.named(try name.text()) else { throw name.wrong("an initializer's name") }
    return usual.with(try place.values(of: usual.parameters))
  }

  /// How a layer's parameters learned.
  func learning() throws(ModelExchangeError) -> LayerLearning {
    var learning = LayerLearning()
    for (key, path) in LayerLearning.regularizerKeys {
      guard let place = try member(key) else { continue }
      learning[keyPath: path] = Regularizer(l1: try place["l1"].float(), l2: try place["l2"].float())
    }
    if let factor = try member("orthogonal_regularizer") { learning.orthogonal = try factor.float() }
    if let place = try member("constraint") {
      let name = try place["name"]
      guard let usual = WeightConstraint.named(try name.text()) else { throw name.wrong("a constraint's name") }
      learning.constraint = usual.with(try place.values(of: usual.parameters)) ?? usual
    }
    if let frozen = try member("frozen") { learning.isFrozen = try frozen.flag() }
    if let factor = try member("learning_rate_factor") { learning.rateFactor = try factor.float() }
    if let decays = try member("decay") { learning.decays = try decays.flag() }
    return learning
  }

  private func values(
    of parameters: [NamedParameter]
  ) throws(ModelExchangeError) -> [String: NamedParameter.Value] {
    var values: [String: NamedParameter.Value] = [:]
    for parameter in parameters {
      guard let value = try member(parameter.name) else { continue }
      values[parameter.name] = parameter.words.isEmpty ? .number(try value.float()) : .word(try value.text())
    }
    return values
  }
}
