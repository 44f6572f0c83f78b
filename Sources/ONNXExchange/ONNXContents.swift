import Fascicle
import SwiftProtobuf

/// What an ONNX file holds, ours or another program's, as far as our messages know it.
public struct ONNXContents: Sendable {
  /// A tensor with a name and a shape, whose unknown dimensions have names.
  public struct Value: Sendable {
    /// What the graph calls it.
    public let name: String
    /// The type of its elements, as in `float`.
    public let elementType: String
    /// Numbers, or names of dimensions that are not fixed.
    public let shape: [String]
    /// What the file's author says of it.
    public let note: String
  }

  /// Who wrote the file, and in which version.
  public let producer: String
  /// The version of the format.
  public let formatVersion: Int
  /// The operators' domains and versions; the empty domain is ONNX's own.
  public let operatorSets: [(domain: String, version: Int)]
  /// What the graph takes.
  public let inputs: [Value]
  /// What the graph gives.
  public let outputs: [Value]
  /// How many nodes of which operator, the most frequent first.
  public let operators: [(name: String, count: Int)]
  /// The constants of the graph, weights among them.
  public let constants: [Value]
  /// What the author says of the file.
  public let metadata: [(key: String, value: String)]

  /// Reads a file.
  ///
  /// - Throws: `ModelExchangeError` `.damaged` where the bytes are no ONNX model.
  public init(path: String, bytes: [UInt8]) throws(ModelExchangeError) {
    let model: ONNXModelProto
    do {
      model = try ONNXModelProto(serializedBytes: bytes)
    } catch {
      throw ModelExchangeError(
        code: .damaged, message: "\(path): the file is no ONNX model, or is damaged: \(error)",
        hint: "copy or export the file again")
    }
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw ModelExchangeError(code: .damaged, message: "\(path): the file has no graph of ONNX operators")
    }
    producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    formatVersion = Int(model.irVersion)
    operatorSets = model.opsetImport.map { ($0.domain, Int($0.version)) }
    inputs = model.graph.input.map(Value.init)
    outputs = model.graph.output.map(Value.init)
    let counts = Dictionary(model.graph.node.map { ($0.opType, 1) }, uniquingKeysWith: +)
    operators = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    constants = model.graph.initializer.map(Value.init)
    metadata = model.metadataProps.map { ($0.key, $0.value) }
  }
}

extension ONNXContents.Value {
  fileprivate init(_ value: ONNXValueInfoProto) {
    name = value.name
    elementType = Self.typeName(value.type.tensorType.elemType)
    shape = value.type.tensorType.shape.dim.map { $0.dimParam.isEmpty ? "\($0.dimValue)" : $0.dimParam }
    note = value.docString
  }

  fileprivate init(_ tensor: ONNXTensorProto) {
    name = tensor.name
    elementType = Self.typeName(tensor.dataType)
    shape = tensor.dims.map { "\($0)" }
    note = tensor.docString
  }

  /// The type's name in the specification, in lower case; its number where it is not among those known here.
  private static func typeName(_ number: Int32) -> String {
    ONNXTensorProto.DataType(rawValue: Int(number)).map { "\($0)".lowercased() } ?? "type \(number)"
  }
}
