import Fascicle

/// The arrays of a NumPy file or archive.
struct NPYReport: InspectionReport {
  let path: String
  let contents: NPYContents

  var text: String {
    var table = TextTable([.left, .left, .right, .left, .left])
    table.add(["array", "type", "shape", "values", "first"])
    for array in contents.arrays {
      let shape = array.shape.isEmpty ? "1" : array.shape.map(NumberFormat.grouped).joined(separator: " × ")
      let more = array.statistics.count > array.firstElements.count ? " …" : ""
      table.add([
        array.name ?? "the only one", array.elementType, shape, array.statistics.summary,
        array.firstElements.prefix(4).map { ValueStatistics.short(Double($0)) }.joined(separator: " ") + more,
      ])
    }
    return table.lines.joined(separator: "\n") + "\n"
  }

  var event: JSONEvent {
    let arrays = contents.arrays.map { array -> JSONValue in
      var fields: [String: JSONValue] = [
        "element_type": .text(array.elementType), "shape": .list(array.shape.map(JSONValue.whole)),
        "statistics": array.statistics.json,
      ]
      if let name = array.name { fields["name"] = .text(name) }
      return .object(fields)
    }
    return .inspection(kind: "numpy", path: path, ["arrays": .list(arrays)])
  }
}
