/// A JSON value as it stands in a file: numbers keep their text, so that none is rounded before somebody asks, and the
/// members of an object their order.
package indirect enum JSONNode: Sendable, Hashable {
  /// A member of an object.
  package struct Member: Sendable, Hashable {
    package let key: String
    package let value: JSONNode

    package init(_ key: String, _ value: JSONNode) {
      self.key = key
      self.value = value
    }
  }

  case null
  case flag(Bool)
  /// The digits of a number, as JSON writes them.
  case number(String)
  case text(String)
  case list([JSONNode])
  case object([Member])

  package static func whole(_ value: some FixedWidthInteger) -> JSONNode { .number("\(value)") }

  /// The shortest digits that give the value back; null for what JSON cannot say.
  package static func float(_ value: Float) -> JSONNode { value.isFinite ? .number("\(value)") : .null }

  /// The shortest digits that give the value back; null for what JSON cannot say.
  package static func double(_ value: Double) -> JSONNode { value.isFinite ? .number("\(value)") : .null }

  /// What messages call the kind of value.
  var kindName: String {
    switch self {
    case .null: "null"
    case .flag: "true or false"
    case .number: "a number"
    case .text: "a text"
    case .list: "a list"
    case .object: "an object"
    }
  }
}
