/// What `fascicle inspect` tells of one kind of file.
protocol InspectionReport {
  /// For people, below a heading with the path.
  var text: String { get }
  /// For programs: an event named `inspection`, with a `kind`.
  var event: JSONEvent { get }
}

extension JSONEvent {
  /// The event of an inspection.
  static func inspection(kind: String, path: String, _ fields: [String: JSONValue]) -> JSONEvent {
    JSONEvent(
      name: "inspection", fields: fields.merging(["kind": .text(kind), "path": .text(path)]) { first, _ in first })
  }
}
