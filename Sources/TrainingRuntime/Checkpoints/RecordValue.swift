/// A tree of plain values, as which a run's record goes into a file and comes out of it.
///
/// Numbers come back bit for bit: those that are not finite are words.
package indirect enum RecordValue: Sendable, Hashable {
  /// A member of ``fields(_:)``.
  package struct Field: Sendable, Hashable {
    package let name: String
    package let value: RecordValue

    package init(_ name: String, _ value: RecordValue) {
      self.name = name
      self.value = value
    }
  }

  case null
  case flag(Bool)
  case whole(Int)
  /// A finite number.
  case real(Double)
  case text(String)
  case list([RecordValue])
  case fields([Field])

  /// Any number, also one that is not finite.
  static func exact(_ value: Double) -> RecordValue { value.isFinite ? .real(value) : .text("\(value)") }
  static func exact(_ value: Double?) -> RecordValue { value.map { exact($0) } ?? .null }
  static func exact(_ value: Float) -> RecordValue { exact(Double(value)) }
  static func whole(_ value: Int?) -> RecordValue { value.map { .whole($0) } ?? .null }
  static func named(_ fields: KeyValuePairs<String, RecordValue>) -> RecordValue {
    .fields(fields.map { Field($0.key, $0.value) })
  }
}

/// What is wrong with a record, and where in it.
package struct RecordError: Error, Sendable {
  package let message: String
}

/// A value of a record with its place, for messages.
struct RecordReader {
  let value: RecordValue
  let path: String

  init(_ value: RecordValue, path: String = "record") {
    self.value = value
    self.path = path
  }

  /// A member; nil where it is missing or null.
  func optional(_ name: String) throws(RecordError) -> RecordReader? {
    guard case .fields(let fields) = value else { throw wrong("an object") }
    guard let field = fields.first(where: { $0.name == name }), field.value != .null else { return nil }
    return RecordReader(field.value, path: "\(path).\(name)")
  }

  /// A member that must be there.
  subscript(name: String) -> RecordReader {
    get throws(RecordError) {
      if let member = try optional(name) { return member }
      throw RecordError(message: "\(path).\(name) is missing")
    }
  }

  func elements() throws(RecordError) -> [RecordReader] {
    guard case .list(let values) = value else { throw wrong("a list") }
    return values.enumerated().map { RecordReader($1, path: "\(path).\($0)") }
  }

  func text() throws(RecordError) -> String {
    guard case .text(let text) = value else { throw wrong("a text") }
    return text
  }

  func flag() throws(RecordError) -> Bool {
    guard case .flag(let flag) = value else { throw wrong("true or false") }
    return flag
  }

  func whole(atLeast least: Int = 0) throws(RecordError) -> Int {
    guard case .whole(let number) = value, number >= least else { throw wrong("a whole number from \(least) on") }
    return number
  }

  func double() throws(RecordError) -> Double {
    switch value {
    case .real(let number): return number
    case .whole(let number): return Double(number)
    case .text("nan"), .text("-nan"): return .nan
    case .text("inf"): return .infinity
    case .text("-inf"): return -.infinity
    default: throw wrong("a number")
    }
  }

  func float() throws(RecordError) -> Float { Float(try double()) }

  func wrong(_ expected: String) -> RecordError { RecordError(message: "\(path) must be \(expected)") }
}
