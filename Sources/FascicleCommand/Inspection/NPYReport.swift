import Fascicle

/// A NumPy array's header and values.
struct NPYReport: InspectionReport {
  let path: String
  let contents: NPYContents

  var text: String {
    var lines = LabelledLines()
    let shape = contents.shape.map(NumberFormat.grouped).joined(separator: " × ")
    lines.add("NumPy", "\(shape) of \(contents.elementType)" + (contents.isFortran ? ", the first index fastest" : ""))
    lines.add("values", contents.statistics.summary)
    lines.add("first", contents.firstSamples.map(line))
    return "\(path)\n\n" + lines.text
  }

  private func line(_ values: [Double]) -> String {
    let width = contents.shape.dropFirst().reduce(1, *)
    return values.map(ValueStatistics.short).joined(separator: " ") + (values.count < width ? " …" : "")
  }

  var event: JSONEvent {
    .inspection(
      kind: "npy", path: path,
      [
        "shape": .list(contents.shape.map(JSONValue.whole)), "element_type": .text(contents.elementType),
        "fortran_order": .flag(contents.isFortran), "statistics": contents.statistics.json,
        "first": .list(contents.firstSamples.map { .list($0.map { .number($0) }) }),
      ])
  }
}
