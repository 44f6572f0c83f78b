import FoundationEssentials
import RunConfiguration

/// A value for JSON whose keys stand as they are written here.
package enum JSONValue: Sendable, Encodable {
  case text(String)
  case whole(Int)
  /// A number; one that is not finite becomes null, for JSON has no other way to say it.
  case number(Double?)
  /// A number in single precision, written with no more digits than it has.
  case single(Float)
  case flag(Bool)
  case list([JSONValue])
  case object([String: JSONValue])
  case configuration(ConfigurationTree)

  /// Writes the value alone.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .whole(let number): try container.encode(number)
    case .number(let number):
      if let number, number.isFinite { try container.encode(number) } else { try container.encodeNil() }
    case .single(let number):
      if number.isFinite { try container.encode(number) } else { try container.encodeNil() }
    case .flag(let flag): try container.encode(flag)
    case .list(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    case .configuration(let tree): try container.encode(tree)
    }
  }

  /// The value on one line, keys in alphabetical order.
  package var line: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
