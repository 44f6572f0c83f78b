import Fascicle

/// An IDX file's header and values.
struct IDXReport: InspectionReport {
  let path: String
  let contents: IDXContents

  var text: String {
    var lines = LabelledLines()
    let shape = contents.dimensions.map(NumberFormat.grouped).joined(separator: " × ")
    lines.add("IDX", "\(shape) of \(contents.elementType)")
    lines.add("values", contents.statistics.summary)
    if let counts = contents.labelCounts {
      lines.add("labels", counts.map { "\($0.label): \(NumberFormat.grouped($0.count))" }.joined(separator: ", "))
    }
    lines.add("first", contents.firstSamples.map(line))
    return lines.text
  }

  private func line(_ values: [Double]) -> String {
    let width = contents.dimensions.dropFirst().reduce(1, *)
    return values.map(ValueStatistics.short).joined(separator: " ") + (values.count < width ? " …" : "")
  }

  var event: JSONEvent {
    var fields: [String: JSONValue] = [
      "dimensions": .list(contents.dimensions.map(JSONValue.whole)), "element_type": .text(contents.elementType),
      "statistics": contents.statistics.json,
    ]
    if let counts = contents.labelCounts {
      fields["labels"] = .list(
        counts.map { .object(["label": .whole($0.label), "count": .whole($0.count)]) })
    }
    return .inspection(kind: "idx", path: path, fields)
  }
}
