extension SectionReader {
  /// The keys of the section, in the order of the file.
  var keys: [String] { entries.map(\.key) }

  /// A word, a number or a text in quotes, as it was written; nil when the key is missing or wrong.
  func text(_ key: String) -> String? {
    guard let node = node(key) else { return nil }
    if case .scalar(let text, let isQuoted) = node.value, isQuoted || !text.isEmpty { return text }
    problems.add(.value, node.place, "\(dotted(key)) must be a word or a number, but is \(node.wording)")
    return nil
  }

  /// A list of words, numbers or texts in quotes; nil when the key is missing or wrong.
  func texts(_ key: String) -> [String]? {
    guard let node = node(key) else { return nil }
    if case .list(let elements) = node.value {
      let texts = elements.compactMap { element in
        if case .scalar(let text, _) = element.value { text } else { nil }
      }
      if texts.count == elements.count { return texts }
    }
    problems.add(.value, node.place, "\(dotted(key)) must be a list such as [\"\", NA], but is \(node.wording)")
    return nil
  }
}
