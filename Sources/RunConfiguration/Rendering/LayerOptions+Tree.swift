import Fascicle

/// A layer's options as configurations write them, those left out that are as in any layer.
extension LayerLearning {
  var entries: [ConfigurationTree.Entry] {
    var entries = regularizers.filter { !$0.regularizer.isNone }.map { key, regularizer in
      ConfigurationTree.Entry(key, regularizer.tree)
    }
    if orthogonal != 0 { entries.append(.init("orthogonalRegularizer", .float(orthogonal))) }
    if constraint != .none { entries.append(.init("constraint", .named(constraint.name, constraint.parameters))) }
    if isFrozen { entries.append(.init("frozen", .flag(true))) }
    if rateFactor != 1 { entries.append(.init("learningRateFactor", .float(rateFactor))) }
    if !decays { entries.append(.init("decay", .flag(false))) }
    return entries
  }
}

extension Dense {
  var optionEntries: [ConfigurationTree.Entry] {
    let drawn = initializer.map { ConfigurationTree.named($0.name, $0.parameters) } ?? .text("auto")
    return [.init("initializer", drawn), .init("bias", .flag(usesBias))]
      + (initialBias == 0 ? [] : [.init("initialBias", .float(initialBias))]) + learning.entries
  }
}

extension Activation {
  var optionEntries: [ConfigurationTree.Entry] {
    slopeRegularizer.isNone ? [] : [.init("slopeRegularizer", slopeRegularizer.tree)]
  }
}

extension Regularizer {
  fileprivate var tree: ConfigurationTree {
    .section(parameters.filter { $0.value != .number(0) }.map(\.entry))
  }
}

extension NamedParameter {
  /// The parameter's key and value.
  var entry: ConfigurationTree.Entry {
    switch value {
    case .number(let number): .init(name, .float(number))
    case .word(let word): .init(name, .text(word))
    }
  }
}

extension ConfigurationTree {
  /// A name alone, or a section with the name and its parameters.
  static func named(_ name: String, _ parameters: [NamedParameter]) -> ConfigurationTree {
    parameters.isEmpty ? .text(name) : .section([Entry("name", .text(name))] + parameters.map(\.entry))
  }
}
