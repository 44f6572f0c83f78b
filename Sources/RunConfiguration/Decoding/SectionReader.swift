import Fascicle

/// Reads the values of one section by their keys, each with its default, and notes what is wrong.
///
/// Asking for a key makes it known; ``finish(_:)`` refuses every key that nobody asked for. So the list of keys in a
/// message can't differ from the keys that work.
final class SectionReader {
  /// The dotted path of the section; empty for the whole configuration.
  let path: String
  let place: SourcePlace
  let problems: ProblemList
  /// Whether there is a section to read at all.
  let isSection: Bool
  let entries: [SourceEntry]
  private var knownKeys: [String] = []

  /// Reads a section; a missing one has no entries, and anything else is a problem and has none either.
  init(_ node: SourceNode?, path: String, example: String, problems: ProblemList) {
    self.path = path
    self.problems = problems
    self.place = node?.place ?? .standard
    guard let node else {
      isSection = false
      entries = []
      return
    }
    guard case .section(let entries) = node.value else {
      isSection = false
      self.entries = []
      let name = path.isEmpty ? "a configuration" : path
      problems.add(.value, node.place, "\(name) must be a section such as { \(example) }, but is \(node.wording)")
      return
    }
    isSection = true
    self.entries = entries
    if !path.isEmpty { problems.remember(path, node.place) }
    for entry in entries { problems.remember(dotted(entry.key), entry.value.place) }
  }

  /// The dotted path of a key in this section.
  func dotted(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Whether the section has the key; asking does not make it known.
  func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  /// The value of a key as it was written.
  func node(_ key: String) -> SourceNode? {
    if !knownKeys.contains(key) { knownKeys.append(key) }
    return entries.first { $0.key == key }?.value
  }

  /// The section under a key.
  func section(_ key: String, example: String) -> SectionReader {
    SectionReader(node(key), path: dotted(key), example: example, problems: problems)
  }

  /// The section under a key, of which a mere name is the short form: `optimizer: sgd` is `optimizer: { name: sgd }`.
  func namedSection(_ key: String, example: String) -> SectionReader {
    SectionReader(node(key)?.asNamedSection, path: dotted(key), example: example, problems: problems)
  }

  /// Notes that a key must be given, at the section or at what makes the key necessary.
  func require(_ key: String, because reason: String, at place: SourcePlace? = nil) {
    problems.add(.value, place ?? self.place, "\(dotted(key)) is missing: \(reason)")
  }

  /// Refuses every key that was not asked for.
  ///
  /// - Parameters:
  ///   - owner: what was chosen, where the keys depend on a choice, as in `adam`.
  ///   - others: keys that another choice would have.
  func finish(owner: String = "", others: [String] = []) {
    for entry in entries where !knownKeys.contains(entry.key) {
      let name = dotted(entry.key)
      if others.contains(entry.key) {
        problems.add(
          .key, entry.keyPlace, "\(name) does not belong to \(owner)", hint: "expected \(Suggestion.list(knownKeys))")
      } else {
        problems.add(.key, entry.keyPlace, "unknown key '\(name)'", hint: hint(forUnknown: entry.key))
      }
    }
  }

  private func hint(forUnknown key: String) -> String {
    if let near = Suggestion.nearest(to: key, among: knownKeys) { return "did you mean '\(dotted(near))'?" }
    if let home = KnownKeys.section(of: key), home != path { return "it belongs under '\(home)'" }
    return "expected \(Suggestion.list(knownKeys))"
  }
}
