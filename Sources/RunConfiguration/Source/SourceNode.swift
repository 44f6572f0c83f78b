/// A part of a configuration as it was written, before anything is known about what it should be.
struct SourceNode: Sendable, Hashable {
  var place: SourcePlace
  var value: SourceValue

  /// What messages call it, as in `a list` or `'tanhh'`.
  var wording: String {
    switch value {
    case .scalar(let text, let isQuoted): Self.wording(text, isQuoted: isQuoted)
    case .list: "a list"
    case .section: "a section"
    }
  }

  private static func wording(_ text: String, isQuoted: Bool) -> String {
    if text.isEmpty { return isQuoted ? "an empty text" : "nothing" }
    // A value that fills the screen would hide the sentence around it.
    let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
    let printable = String(shown.map { $0.isNewline ? " " : $0 })
    return isQuoted ? "the text \"\(printable)\"" : "'\(printable)'"
  }
}

extension SourceNode {
  /// A name as the section that it is short for; anything else as it is.
  var asNamedSection: SourceNode {
    guard case .scalar(let text, _) = value, !text.isEmpty else { return self }
    return SourceNode(place: place, value: .section([SourceEntry(key: "name", keyPlace: place, value: self)]))
  }
}

/// The three forms of YAML.
enum SourceValue: Sendable, Hashable {
  /// A word or number; `isQuoted` when it was written between quotes.
  case scalar(String, isQuoted: Bool)
  case list([SourceNode])
  /// Keys and values in the order of the file; keys are unique.
  case section([SourceEntry])
}

/// A key and its value.
struct SourceEntry: Sendable, Hashable {
  var key: String
  var keyPlace: SourcePlace
  var value: SourceNode
}
