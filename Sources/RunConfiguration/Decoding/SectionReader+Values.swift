import Fascicle

extension SectionReader {
  /// A whole number within `range`.
  func whole<Number: FixedWidthInteger>(
    _ key: String, default standard: Number, in range: ClosedRange<Number>
  ) -> Number {
    let expected = Self.wording(range)
    return scalar(key, default: standard, expected: expected) { text throws(NumberText.Refusal) in
      let number = try NumberText.whole(text, as: Number.self)
      guard range.contains(number) else { throw NumberText.Refusal() }
      return number
    }
  }

  /// A finite number that `accepts` takes; `expected` says which in words.
  func real(
    _ key: String, default standard: Double, expected: String, accepts: (Double) -> Bool
  ) -> Double {
    scalar(key, default: standard, expected: expected) { text throws(NumberText.Refusal) in
      let number = try NumberText.real(text)
      guard accepts(number) else { throw NumberText.Refusal() }
      return number
    }
  }

  /// A finite number in single precision; its range is for the library's own checks.
  func float(_ key: String, default standard: Float, expected: String = "a number") -> Float {
    scalar(key, default: standard, expected: expected, read: NumberText.single)
  }

  /// `true` or `false`.
  func flag(_ key: String, default standard: Bool) -> Bool {
    scalar(key, default: standard, expected: "true or false") { text throws(NumberText.Refusal) in
      switch text.lowercased() {
      case "true": return true
      case "false": return false
      case "yes", "on", "y", "1": throw NumberText.Refusal(hint: "write true")
      case "no", "off", "n", "0": throw NumberText.Refusal(hint: "write false")
      default: throw NumberText.Refusal()
      }
    }
  }

  /// One of the names that `make` knows, in quotes or not; nil when it is another, which is noted.
  func choice<Value>(
    _ key: String, default standard: Value, among names: [String], make: (String) -> Value?
  ) -> Value? {
    guard let node = node(key) else { return standard }
    var hint: String?
    if case .scalar(let text, _) = node.value {
      if let value = make(text) { return value }
      hint =
        OtherNames.hint(for: text, among: names)
        ?? Suggestion.nearest(to: text, among: names).map { "did you mean '\($0)'?" }
    }
    let form = names.count == 1 ? "'\(names[0])'" : Suggestion.list(names)
    problems.add(.value, node.place, "\(dotted(key)) must be \(form), but is \(node.wording)", hint: hint)
    return nil
  }

  /// One of the cases of an enumeration, by raw value.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, default standard: Value
  ) -> Value where Value.RawValue == String {
    choice(key, default: standard, among: Value.allCases.map(\.rawValue), make: Value.init(rawValue:)) ?? standard
  }

  /// A number or a word that stands for none.
  func float(_ key: String, orWord word: String) -> Float? {
    guard let node = node(key) else { return nil }
    if case .scalar(word, _) = node.value { return nil }
    return float(key, default: 1, expected: "a number or '\(word)'")
  }

  /// A whole number or a word that stands for none.
  func whole(_ key: String, orWord word: String, in range: ClosedRange<Int>) -> Int? {
    guard let node = node(key) else { return nil }
    if case .scalar(word, _) = node.value { return nil }
    return whole(key, default: range.lowerBound, in: range)
  }

  /// The absolute path of a file; nil when the key is missing or wrong.
  func path(_ key: String) -> String? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, _) = node.value, !text.isEmpty, !text.utf8.contains(0) else {
      problems.add(.value, node.place, "\(dotted(key)) must be the path of a file, but is \(node.wording)")
      return nil
    }
    return PathResolution.absolute(text, writtenIn: node.place)
  }

  /// Reads an unquoted scalar with `read`, or notes what was expected.
  private func scalar<Value>(
    _ key: String, default standard: Value, expected: String, read: (String) throws(NumberText.Refusal) -> Value
  ) -> Value {
    guard let node = node(key) else { return standard }
    var hint: String?
    if case .scalar(let text, let isQuoted) = node.value {
      do {
        let value = try read(text)
        if !isQuoted { return value }
        hint = "remove the quotes"
      } catch { hint = error.hint }
    }
    problems.add(.value, node.place, "\(dotted(key)) must be \(expected), but is \(node.wording)", hint: hint)
    return standard
  }

  private static func wording<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> String {
    range.upperBound == .max
      ? "a whole number of at least \(range.lowerBound)"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }
}
