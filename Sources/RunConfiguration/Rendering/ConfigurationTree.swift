/// A resolved configuration as plain values, in the order in which it is printed.
public indirect enum ConfigurationTree: Sendable, Hashable {
  /// A name or a path.
  case text(String)
  /// A number in single precision.
  case float(Float)
  /// A number in double precision.
  case real(Double)
  /// A whole number.
  case whole(UInt64)
  /// `true` or `false`.
  case flag(Bool)
  /// Values in order.
  case list([ConfigurationTree])
  /// Keys and values in order.
  case section([Entry])

  /// A key and its value.
  public struct Entry: Sendable, Hashable {
    /// The key.
    public let key: String
    /// Its value.
    public let value: ConfigurationTree

    /// A key with its value.
    public init(_ key: String, _ value: ConfigurationTree) {
      self.key = key
      self.value = value
    }
  }

  /// The value of a key, where this is a section that has it.
  public subscript(key: String) -> ConfigurationTree? {
    guard case .section(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The text of a value that is neither list nor section, without quotes.
  var scalarText: String {
    switch self {
    case .text(let text): text
    case .float(let number): "\(number)"
    case .real(let number): "\(number)"
    case .whole(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .list, .section: ""
    }
  }
}

extension ConfigurationTree: Encodable {
  /// Writes sections as objects and lists as arrays.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let text): try encodeSingle(text, to: encoder)
    case .float(let number): try encodeSingle(number, to: encoder)
    case .real(let number): try encodeSingle(number, to: encoder)
    case .whole(let number): try encodeSingle(number, to: encoder)
    case .flag(let flag): try encodeSingle(flag, to: encoder)
    case .list(let elements): try encodeSingle(elements, to: encoder)
    case .section(let entries):
      var container = encoder.container(keyedBy: Key.self)
      for entry in entries { try container.encode(entry.value, forKey: Key(stringValue: entry.key)) }
    }
  }

  private func encodeSingle(_ value: some Encodable, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
