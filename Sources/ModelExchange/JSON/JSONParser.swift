/// Reads JSON (RFC 8259) from bytes that nobody vouches for.
///
/// Stricter than most readers where strictness protects: a key may be given once, numbers have JSON's form, text is UTF-8,
/// and values may be nested 256 deep. Foundation's reader keeps the last of equal keys, so that two programs may see two
/// different models in one file; and the library does without Foundation.
package struct JSONParser {
  /// Why bytes are no JSON, and at which of them.
  package struct Failure: Error, Hashable {
    package let offset: Int
    package let message: String
  }

  private static let depthLimit = 256
  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The one value that `bytes` hold, with nothing but white space around it.
  package static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONNode {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("expected the end") }
    return value
  }

  private func failure(_ message: String) -> Failure { Failure(offset: position, message: message) }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x0a, 0x0d, 0x09].contains(byte) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONNode {
    guard depth <= Self.depthLimit else { throw failure("values are nested more than \(Self.depthLimit) deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try list(depth: depth)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ value: JSONNode) throws(Failure) -> JSONNode {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("expected a value") }
    position += word.utf8.count
    return value
  }

  private mutating func list(depth: Int) throws(Failure) -> JSONNode {
    position += 1
    var elements: [JSONNode] = []
    skipSpace()
    if take("]") { return .list(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .list(elements) }
      guard take(",") else { throw failure("expected ',' or ']'") }
    }
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONNode {
    position += 1
    var members: [JSONNode.Member] = [], keys: Set<String> = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let key = try text()
      guard keys.insert(key).inserted else { throw failure("the key '\(key)' is given twice") }
      skipSpace()
      guard take(":") else { throw failure("expected ':'") }
      members.append(JSONNode.Member(key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("expected ',' or '}'") }
    }
  }
}

// MARK: - Numbers

extension JSONParser {
  /// `-` digits, without leading zeros, `.` digits, `e` digits.
  private mutating func number() throws(Failure) -> String {
    let start = position
    _ = take("-")
    if !take("0") { try digits("expected a value") }
    if take(".") { try digits("expected a digit") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits("expected a digit")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits(_ message: String) throws(Failure) {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    if position == start { throw failure(message) }
  }
}

// MARK: - Text

extension JSONParser {
  private mutating func text() throws(Failure) -> String {
    position += 1
    var utf8: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: utf8, as: UTF8.self) else { throw failure("the text is not UTF-8") }
        position += 1
        return text
      case UInt8(ascii: "\\"):
        position += 1
        utf8 += String(try escape()).utf8
      case ..<0x20:
        throw failure("a text may not contain control characters")
      default:
        utf8.append(byte)
        position += 1
      }
    }
    throw failure("the text does not end")
  }

  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
    UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
  ]

  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    if let byte = next, let scalar = Self.escapes[byte] {
      position += 1
      return scalar
    }
    guard take("u") else { throw failure("unknown escape") }
    let unit = try hexadecimalUnit()
    guard UTF16.isLeadSurrogate(unit) else {
      guard let scalar = Unicode.Scalar(unit) else { throw failure("half a surrogate pair") }
      return scalar
    }
    guard take("\\"), take("u") else { throw failure("half a surrogate pair") }
    let trail = try hexadecimalUnit()
    guard UTF16.isTrailSurrogate(trail) else { throw failure("half a surrogate pair") }
    return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
  }

  private mutating func hexadecimalUnit() throws(Failure) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, !digits.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("expected four hexadecimal digits") }
    position += 4
    return unit
  }
}
