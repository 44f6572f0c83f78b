extension ConfigurationTree {
  /// The tree as YAML that ``RunConfiguration`` reads back: sections as blocks, the sections of a list one a line.
  public var yaml: String {
    guard case .section(let entries) = self else { return flow + "\n" }
    return Self.block(entries, indentation: "")
  }

  private static func block(_ entries: [Entry], indentation: String) -> String {
    entries.map { entry in
      switch entry.value {
      case .section(let inner):
        "\(indentation)\(quotedIfNeeded(entry.key)):\n" + block(inner, indentation: indentation + "  ")
      case .list(let elements):
        "\(indentation)\(quotedIfNeeded(entry.key)):\n" + elements.map { "\(indentation)  - \($0.flow)\n" }.joined()
      default:
        "\(indentation)\(quotedIfNeeded(entry.key)): \(entry.value.flow)\n"
      }
    }.joined()
  }

  /// The tree on one line.
  private var flow: String {
    switch self {
    case .text(let text): Self.quotedIfNeeded(text)
    case .list(let elements): "[\(elements.map(\.flow).joined(separator: ", "))]"
    case .section(let entries):
      "{ \(entries.map { "\(Self.quotedIfNeeded($0.key)): \($0.value.flow)" }.joined(separator: ", ")) }"
    case .float, .real, .whole, .flag: scalarText
    }
  }

  /// Quotes a text that YAML could take for something else than a word or a path.
  private static func quotedIfNeeded(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { isPlain($0) } && text.utf8.first.map(isLetterOrSlash) == true
    return isWord ? text : quoted(text)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    isLetterOrSlash(byte) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || "._-".utf8.contains(byte)
  }

  private static func isLetterOrSlash(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "/"): true
    default: false
    }
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case let control where control.value < 0x20 || (0x7f...0x9f).contains(control.value):
        "\\x" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
