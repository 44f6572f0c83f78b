import Fascicle

extension ClassWeights {
  private static let form = "'none', 'balanced' or a list of numbers such as [1, 2.5]"

  /// Reads `classWeights`: a word, or a weight for each class.
  static func read(_ reader: SectionReader) -> ClassWeights {
    guard let node = reader.node("classWeights") else { return .none }
    guard let weights = value(node) else {
      reader.problems.add(
        .value, node.place, "\(reader.dotted("classWeights")) must be \(form), but is \(node.wording)")
      return .none
    }
    do {
      try weights.validate()
    } catch {
      reader.problems.add(.value, node.place, "\(reader.dotted("classWeights")): \(error.message)")
    }
    return weights
  }

  private static func value(_ node: SourceNode) -> ClassWeights? {
    switch node.value {
    case .scalar("none", _): return ClassWeights.none
    case .scalar("balanced", _): return .balanced
    case .list(let elements):
      let numbers = elements.map { element -> Float? in
        guard case .scalar(let text, isQuoted: false) = element.value else { return nil }
        return (try? NumberText.real(text)).map { Float($0) }
      }
      return numbers.isEmpty || numbers.contains(nil) ? nil : .each(numbers.compactMap { $0 })
    default: return nil
    }
  }
}
