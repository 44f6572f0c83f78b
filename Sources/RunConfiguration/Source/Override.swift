/// A value given on the command line for one key, as in `optimizer.learningRate=0.01`.
struct Override {
  /// Keys whose value may be a name, which is short for a section with that name.
  private static let named = ["loss", "optimizer", "schedule"]

  private let place: SourcePlace
  private let path: [String]
  private let value: SourceNode

  /// Reads `key=value`; the value is YAML, so lists and sections work too.
  init(_ text: String) throws(RunConfigurationError) {
    let place = SourcePlace.override(text)
    guard let separator = text.firstIndex(of: "=") else {
      throw RunConfigurationError(
        .override, place, "expected key=value", hint: "as in optimizer.learningRate=0.01")
    }
    self.place = place
    self.path = text[..<separator].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard path.allSatisfy({ !$0.isEmpty }) else {
      throw RunConfigurationError(
        .override, place, "expected a dotted path of keys before '='", hint: "as in optimizer.learningRate=0.01")
    }
    let yaml = String(text[text.index(after: separator)...])
    value =
      try YAMLReader.read(yaml, from: place) { _ in place }
      ?? SourceNode(place: place, value: .scalar("", isQuoted: false))
  }

  /// Puts the value into a configuration.
  ///
  /// Keys that are not there yet are added, also unknown ones: whoever reads the configuration refuses them. A path
  /// that leads into a list that nobody wrote changes a copy of the default list.
  func apply(to root: inout SourceNode) throws(RunConfigurationError) {
    try apply(to: &root, at: 0, standard: RunConfiguration().tree)
  }

  private func apply(
    to node: inout SourceNode, at depth: Int, standard: ConfigurationTree?
  ) throws(RunConfigurationError) {
    guard depth < path.count else {
      node = value
      return
    }
    switch node.value {
    case .section(var entries):
      try apply(to: &entries, at: depth, standard: standard)
      node.value = .section(entries)
    case .list(var elements):
      let index = try index(at: depth, below: elements.count)
      try apply(to: &elements[index], at: depth + 1, standard: nil)
      node.value = .list(elements)
    case .scalar where depth == 1 && Self.named.contains(path[0]) && node != node.asNamedSection:
      node = node.asNamedSection
      try apply(to: &node, at: depth, standard: standard)
    case .scalar:
      throw RunConfigurationError(
        .override, place, "'\(name(of: depth))' is \(node.wording), so there is no '\(path[depth])' in it")
    }
  }

  private func apply(
    to entries: inout [SourceEntry], at depth: Int, standard: ConfigurationTree?
  ) throws(RunConfigurationError) {
    let key = path[depth], standard = standard?[key]
    let position = entries.firstIndex { $0.key == key } ?? entries.endIndex
    if position == entries.endIndex {
      entries.append(SourceEntry(key: key, keyPlace: place, value: emptyNode(standard)))
    }
    try apply(to: &entries[position].value, at: depth + 1, standard: standard)
  }

  /// What a path grows into: the default where that is a list, else a section.
  private func emptyNode(_ standard: ConfigurationTree?) -> SourceNode {
    if case .list = standard, let standard { return SourceNode(standard) }
    return SourceNode(place: place, value: .section([]))
  }

  private func index(at depth: Int, below count: Int) throws(RunConfigurationError) -> Int {
    guard let index = Int(path[depth]), index >= 0, index < count else {
      throw RunConfigurationError(
        .override, place, "expected a number from 0 to \(count - 1) after '\(name(of: depth))', got '\(path[depth])'")
    }
    return index
  }

  private func name(of depth: Int) -> String { path[..<depth].joined(separator: ".") }
}

extension SourceNode {
  /// A default as if it had been written.
  fileprivate init(_ tree: ConfigurationTree) {
    switch tree {
    case .section(let entries):
      let written = entries.map { SourceEntry(key: $0.key, keyPlace: .standard, value: SourceNode($0.value)) }
      self.init(place: .standard, value: .section(written))
    case .list(let elements):
      self.init(place: .standard, value: .list(elements.map(SourceNode.init)))
    case .text, .float, .real, .whole, .flag:
      self.init(place: .standard, value: .scalar(tree.scalarText, isQuoted: false))
    }
  }
}
