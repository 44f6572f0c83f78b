import Fascicle

extension Loss {
  /// The name, or a section with the parameters where one of them is not the usual one.
  var tree: ConfigurationTree {
    guard !isUsual else { return .text(name) }
    return .section(
      [.init("name", .text(name))]
        + parameters.map { parameter in
          switch parameter.value {
          case .number(let number): .init(parameter.name, .float(number))
          case .word(let word): .init(parameter.name, .text(word))
          }
        })
  }
}

extension ClassWeights {
  var tree: ConfigurationTree {
    switch self {
    case .none: .text("none")
    case .balanced: .text("balanced")
    case .each(let weights): .list(weights.map { .float($0) })
    }
  }
}
