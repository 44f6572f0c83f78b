import Yams

/// Turns YAML text into source nodes: one document, no anchors, no aliases, no tags, keys that are words.
///
/// Values are left as they are written. YAML 1.1 would read `no` as false, `010` as eight and `1e-3` as a text; what a
/// value means is decided by the key that it is given to.
struct YAMLReader {
  private let text: String
  /// Where a position of the text is, for messages.
  private let place: (TextPosition) -> SourcePlace

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - text: the YAML.
  ///   - whole: the place of the text as a whole.
  ///   - place: the place of a position in it.
  /// - Returns: nil when there is nothing but blanks and comments.
  static func read(
    _ text: String, from whole: SourcePlace, place: @escaping (TextPosition) -> SourcePlace
  ) throws(RunConfigurationError) -> SourceNode? {
    let reader = YAMLReader(text: text, place: place)
    try reader.refuseAliases()
    try reader.refuseExplicitKeys()
    return try reader.compose(from: whole).map { node throws(RunConfigurationError) in try reader.sourceNode(node) }
  }

  private func refuseAliases() throws(RunConfigurationError) {
    guard let offset = AliasScan.firstAliasOffset(in: text.utf8) else { return }
    throw Self.aliasError(place(TextPosition(utf8Offset: offset, in: text)))
  }

  /// Keys behind `?` may be whole trees, each hashed at every level above it; a few are noise, many are an attack.
  private func refuseExplicitKeys() throws(RunConfigurationError) {
    let bytes = text.utf8
    var count = 0
    for offset in bytes.indices where bytes[offset] == UInt8(ascii: "?") {
      let next = bytes.index(after: offset)
      guard next == bytes.endIndex || bytes[next] <= UInt8(ascii: " ") else { continue }
      count += 1
      guard count > Self.explicitKeyLimit else { continue }
      let position = TextPosition(utf8Offset: bytes.distance(from: bytes.startIndex, to: offset), in: text)
      throw Self.keyError(place(position))
    }
  }

  private static let explicitKeyLimit = 32

  private func compose(from whole: SourcePlace) throws(RunConfigurationError) -> Node? {
    do {
      // Without rules, every scalar is a text: nothing is resolved, and two keys are equal when their letters are.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let node = try parser.singleRoot() else { return nil }
      // The parser holds the anchors, to which nodes refer weakly, so they are looked at while it lives.
      let anchored = withExtendedLifetime(parser) { Self.firstAnchored(node) }
      guard let anchored else { return node }
      throw Self.aliasError(anchored.mark.map(position).map(place) ?? whole)
    } catch let error as RunConfigurationError {
      throw error
    } catch let error as YamlError {
      throw translated(error, whole: whole)
    } catch {
      throw RunConfigurationError(.notYAML, whole, "this is not valid YAML: \(error)")
    }
  }

  private static func firstAnchored(_ node: Node) -> Node? {
    if node.anchor != nil { return node }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        if let found = firstAnchored(key) ?? firstAnchored(value) { return found }
      }
    case .sequence(let sequence):
      for element in sequence {
        if let found = firstAnchored(element) { return found }
      }
    case .scalar, .alias: break
    }
    return nil
  }

  private func sourceNode(_ node: Node) throws(RunConfigurationError) -> SourceNode {
    let place = place(node.mark.map(position) ?? TextPosition(line: 1, column: 1))
    switch node {
    case .scalar(let scalar):
      try refuseTag(scalar.tag, otherThan: .str, at: place)
      return SourceNode(place: place, value: .scalar(scalar.string, isQuoted: scalar.isQuoted))
    case .sequence(let sequence):
      try refuseTag(sequence.tag, otherThan: .seq, at: place)
      var elements: [SourceNode] = []
      for element in sequence { elements.append(try sourceNode(element)) }
      return SourceNode(place: place, value: .list(elements))
    case .mapping(let mapping):
      try refuseTag(mapping.tag, otherThan: .map, at: place)
      var entries: [SourceEntry] = []
      for (key, value) in mapping { entries.append(try entry(key, value)) }
      return SourceNode(place: place, value: .section(entries))
    case .alias:
      throw Self.aliasError(place)
    }
  }

  private func entry(_ key: Node, _ value: Node) throws(RunConfigurationError) -> SourceEntry {
    let keyPlace = place(key.mark.map(position) ?? TextPosition(line: 1, column: 1))
    guard case .scalar(let word) = key else { throw Self.keyError(keyPlace) }
    try refuseTag(word.tag, otherThan: .str, at: keyPlace)
    return SourceEntry(key: word.string, keyPlace: keyPlace, value: try sourceNode(value))
  }

  /// Yams itself marks quoted scalars and every key as texts, whether or not anybody wrote a tag.
  private func refuseTag(
    _ tag: Tag, otherThan natural: Tag.Name, at place: SourcePlace
  ) throws(RunConfigurationError) {
    guard tag != Tag(.implicit), tag != Tag(natural) else { return }
    throw RunConfigurationError(
      .unsupportedYAML, place, "tags such as '\(tag)' are not allowed in a configuration", hint: "write the bare value")
  }

  static func aliasError(_ place: SourcePlace) -> RunConfigurationError {
    RunConfigurationError(
      .unsupportedYAML, place, "anchors (&name) and aliases (*name) are not allowed in a configuration",
      hint: "write the value out, or quote it if it is a text")
  }

  private static func keyError(_ place: SourcePlace) -> RunConfigurationError {
    RunConfigurationError(.unsupportedYAML, place, "a key must be a single word, such as 'epochs'")
  }
}

// MARK: - What Yams says

extension YAMLReader {
  private func position(_ mark: Mark) -> TextPosition { TextPosition(line: mark.line, column: mark.column) }

  private func translated(_ error: YamlError, whole: SourcePlace) -> RunConfigurationError {
    switch error {
    case .composer(_, let problem, let mark, _) where problem.contains("another document"):
      RunConfigurationError(
        .notYAML, place(position(mark)), "a configuration is a single YAML document, but a second one begins here",
        hint: "remove the line '---' and what follows, or put it in a file of its own")
    case .composer(_, let problem, let mark, _) where problem.contains("alias"):
      Self.aliasError(place(position(mark)))
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      RunConfigurationError(
        .notYAML, place(position(mark)), "this is not valid YAML: \(problem)", hint: hint(forLine: mark.line))
    case .reader(let problem, _, let value, _):
      RunConfigurationError(
        .notYAML, whole, "this is not valid YAML: \(problem)\(value < 0 ? "" : " (character \(value))")")
    case .duplicatedKeysInMapping(let keys, let context):
      RunConfigurationError(
        .key, place(position(context.mark)), "the key '\(keys.first ?? "")' is given more than once in this section",
        hint: "keep one of them")
    default:
      RunConfigurationError(.notYAML, whole, "this is not valid YAML: \(error)")
    }
  }

  private func hint(forLine line: Int) -> String? {
    let lines = text.split(separator: "\n", maxSplits: line, omittingEmptySubsequences: false)
    guard line >= 1, line <= lines.count else { return nil }
    let indentation = lines[line - 1].prefix { $0 == " " || $0 == "\t" }
    return indentation.contains("\t") ? "indent with spaces, not with tabs" : nil
  }
}

extension Node.Scalar {
  fileprivate var isQuoted: Bool { style != .plain && style != .any }
}
