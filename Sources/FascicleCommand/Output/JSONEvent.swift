import FoundationEssentials

/// Something that happened, as one line of JSON.
package struct JSONEvent: Sendable {
  /// The version of the fields' meaning; a field that only joins does not change it.
  static let schema = 1

  /// What happened, as in `epoch`.
  package let name: String
  /// What is told of it.
  package let fields: [String: JSONValue]

  /// The event as a line with its line feed.
  package func line(at time: Date = Date()) throws -> String {
    var object = fields
    object["event"] = .text(name)
    object["schema"] = .whole(Self.schema)
    object["time"] = .text(Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(time))
    return try JSONValue.object(object).line + "\n"
  }
}
