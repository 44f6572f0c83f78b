import Fascicle
import ONNXExchange

/// An ONNX file's graph.
struct ONNXReport: InspectionReport {
  private let path: String
  private let contents: ONNXContents

  /// Reads the file.
  init(path: String) throws {
    self.path = path
    contents = try ONNXContents(path: path, bytes: WholeFile.read(path))
  }

  var text: String {
    var lines = LabelledLines()
    let sets = contents.operatorSets.map { "\($0.domain.isEmpty ? "ai.onnx" : $0.domain) \($0.version)" }
    lines.add("ONNX", "format \(contents.formatVersion), operators \(sets.joined(separator: ", "))")
    if !contents.producer.isEmpty { lines.add("written by", contents.producer) }
    lines.add("inputs", contents.inputs.map(Self.line))
    lines.add("outputs", contents.outputs.map(Self.line))
    lines.add("nodes", contents.operators.map { "\($0.count) \($0.name)" }.joined(separator: ", "))
    lines.add("constants", contents.constants.map(Self.line))
    lines.add("metadata", contents.metadata.map { "\($0.key): \($0.value)" })
    return lines.text
  }

  private static func line(_ value: ONNXContents.Value) -> String {
    let shape = value.shape.isEmpty ? "1" : value.shape.joined(separator: " × ")
    return "\(value.name): \(value.elementType) \(shape)" + (value.note.isEmpty ? "" : ", \(value.note)")
  }

  var event: JSONEvent {
    func values(_ values: [ONNXContents.Value]) -> JSONValue {
      .list(
        values.map {
          .object([
            "name": .text($0.name), "element_type": .text($0.elementType),
            "shape": .list($0.shape.map { size in Int(size).map(JSONValue.whole) ?? .text(size) }),
          ])
        })
    }
    return .inspection(
      kind: "onnx", path: path,
      [
        "format_version": .whole(contents.formatVersion), "producer": .text(contents.producer),
        "operator_sets": .object(
          Dictionary(contents.operatorSets.map { ($0.domain, .whole($0.version)) }) { first, _ in first }),
        "inputs": values(contents.inputs), "outputs": values(contents.outputs),
        "constants": values(contents.constants),
        "operators": .object(Dictionary(contents.operators.map { ($0.name, .whole($0.count)) }) { first, _ in first }),
        "metadata": .object(Dictionary(contents.metadata.map { ($0.key, .text($0.value)) }) { first, _ in first }),
      ])
  }
}
