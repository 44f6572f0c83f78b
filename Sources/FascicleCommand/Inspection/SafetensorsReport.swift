import Fascicle

/// A safetensors file's tensors.
struct SafetensorsReport: InspectionReport {
  let path: String
  let contents: SafetensorsContents

  var text: String {
    var table = TextTable([.left, .left, .right, .right, .left])
    table.add(["tensor", "type", "shape", "bytes", "values"])
    for tensor in contents.tensors {
      let shape = tensor.shape.isEmpty ? "1" : tensor.shape.map(String.init).joined(separator: " × ")
      table.add([
        tensor.name, tensor.elementType, shape, NumberFormat.grouped(tensor.byteCount),
        tensor.statistics?.summary ?? "not looked into",
      ])
    }
    let byteCount = contents.tensors.reduce(0) { $0 + $1.byteCount }
    table.add(["in all", "", "", NumberFormat.grouped(byteCount)])
    let metadata = contents.metadata.map { "\($0.key): \($0.value)" }
    let blocks = [table.lines] + (metadata.isEmpty ? [] : [["metadata"] + metadata])
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  var event: JSONEvent {
    let tensors = contents.tensors.map { tensor -> JSONValue in
      var fields: [String: JSONValue] = [
        "name": .text(tensor.name), "element_type": .text(tensor.elementType),
        "shape": .list(tensor.shape.map(JSONValue.whole)), "bytes": .whole(tensor.byteCount),
      ]
      if let statistics = tensor.statistics { fields["statistics"] = statistics.json }
      return .object(fields)
    }
    let metadata = Dictionary(contents.metadata.map { ($0.key, JSONValue.text($0.value)) }) { first, _ in first }
    return .inspection(
      kind: "safetensors", path: path, ["tensors": .list(tensors), "metadata": .object(metadata)])
  }
}
