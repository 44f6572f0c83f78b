import Fascicle

extension ClassWeights {
  private static let form = "'none', 'balanced' or a list of numbers such as [1, 2.5]"

  /// Reads `classWeights`: a word, or a weight for each class.
  static func read(_ reader: SectionReader) -> ClassWeights {
    guard let node = reader.node("classWeights") else { return .none }
    if case .list(let elements) = node.value, !elements.isEmpty { return read(elements, reader) }
    guard let weights = word(node) else {
      reader.problems.add(
        .value, node.place, "\(reader.dotted("classWeights")) must be \(form), but is \(node.wording)")
      return .none
    }
    return weights
  }

  /// A weight for each class; what is wrong with one is said at its own place.
  private static func read(_ elements: [SourceNode], _ reader: SectionReader) -> ClassWeights {
    let path = reader.dotted("classWeights")
    var weights: [Float] = []
    for (index, element) in elements.enumerated() {
      let (weight, hint) = weight(element)
      if weight == nil {
        reader.problems.add(
          .value, element.place, "\(path).\(index) must be a number of at least 0, but is \(element.wording)",
          hint: hint)
      }
      weights.append(weight ?? 1)
    }
    do {
      try ClassWeights.each(weights).validate()
    } catch {
      reader.problems.add(
        .value, reader.node("classWeights")?.place ?? reader.place, "\(path): \(error.message)", hint: error.hint)
    }
    return .each(weights)
  }

  /// A weight as it was written; nil for anything else, with what to write instead.
  private static func weight(_ element: SourceNode) -> (weight: Float?, hint: String?) {
    guard case .scalar(let text, let isQuoted) = element.value else { return (nil, nil) }
    do {
      let weight = Float(try NumberText.real(text))
      guard weight.isFinite, weight >= 0 else { return (nil, nil) }
      return isQuoted ? (nil, "remove the quotes") : (weight, nil)
    } catch {
      return (nil, error.hint)
    }
  }

  private static func word(_ node: SourceNode) -> ClassWeights? {
    switch node.value {
    case .scalar("none", _): ClassWeights.none
    case .scalar("balanced", _): .balanced
    default: nil
    }
  }
}
