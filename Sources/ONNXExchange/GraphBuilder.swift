import FoundationEssentials
import SwiftProtobuf

/// Collects the nodes of a graph in the order in which they are computed; every value has a name of its own.
struct GraphBuilder {
  /// An attribute's value.
  enum Value {
    case int(Int)
    case float(Float)
    case ints([Int])
    case floats([Float])
    case strings([String])
  }

  /// The operators that numbers of networks need, and those for the texts of tables.
  static let opset = 17, machineLearningOpset = 3
  static let machineLearningDomain = "ai.onnx.ml"

  private(set) var graph = ONNXGraphProto()
  private(set) var usesMachineLearning = false
  private var usedNames: Set<String>
  private var counts: [String: Int] = [:]

  /// - Parameter reserved: names that inputs and outputs have.
  init(name: String, reserved: [String]) {
    graph.name = name
    usedNames = Set(reserved)
  }

  // MARK: - Nodes

  /// Adds a node and returns the name of what it gives.
  mutating func node(
    _ operation: String, _ inputs: [String], _ attributes: KeyValuePairs<String, Value> = [:], domain: String = "",
    output: String? = nil
  ) -> String {
    var node = ONNXNodeProto()
    node.opType = operation
    node.input = inputs
    node.output = [output ?? unused(operation.lowercased())]
    node.name = unused("node")
    if !domain.isEmpty {
      node.domain = domain
      usesMachineLearning = true
    }
    node.attribute = attributes.map { Self.attribute($0.key, $0.value) }
    graph.node.append(node)
    return node.output[0]
  }

  private mutating func unused(_ stem: String) -> String {
    while true {
      counts[stem, default: 0] += 1
      let name = "\(stem)_\(counts[stem, default: 0])"
      if usedNames.insert(name).inserted { return name }
    }
  }

  private static func attribute(_ name: String, _ value: Value) -> ONNXAttributeProto {
    var attribute = ONNXAttributeProto()
    attribute.name = name
    switch value {
    case .int(let int):
      attribute.i = Int64(int)
      attribute.type = .int
    case .float(let float):
      attribute.f = float
      attribute.type = .float
    case .ints(let ints):
      attribute.ints = ints.map(Int64.init)
      attribute.type = .ints
    case .floats(let floats):
      attribute.floats = floats
      attribute.type = .floats
    case .strings(let strings):
      attribute.strings = strings.map { Data($0.utf8) }
      attribute.type = .strings
    }
    return attribute
  }

  // MARK: - Constants

  mutating func constant(_ values: [Float], _ shape: [Int]? = nil, name: String = "constant") -> String {
    tensor(values.map(\.bitPattern), shape ?? [values.count], .float, name)
  }

  /// A number that stands beside any shape.
  mutating func number(_ value: Float) -> String { constant([value], []) }

  mutating func double(_ value: Double) -> String { tensor([value.bitPattern], [], .double, "constant") }

  mutating func doubles(_ values: [Double]) -> String {
    tensor(values.map(\.bitPattern), [values.count], .double, "constant")
  }

  mutating func indices(_ values: [Int], _ shape: [Int]? = nil) -> String {
    tensor(values.map(Int64.init), shape ?? [values.count], .int64, "indices")
  }

  private mutating func tensor<Word: FixedWidthInteger>(
    _ words: [Word], _ shape: [Int], _ type: ONNXTensorProto.DataType, _ stem: String
  ) -> String {
    var tensor = ONNXTensorProto()
    tensor.name = unused(stem)
    tensor.dims = shape.map(Int64.init)
    tensor.dataType = Int32(type.rawValue)
    tensor.rawData = words.map(\.littleEndian).withUnsafeBytes { Data($0) }
    graph.initializer.append(tensor)
    return tensor.name
  }

  // MARK: - What goes in and comes out

  mutating func addInput(_ name: String, width: Int, _ type: ONNXTensorProto.DataType = .float, about: String) {
    graph.input.append(Self.value(name, width: width, type, about: about))
  }

  mutating func addOutput(_ name: String, width: Int, about: String) {
    graph.output.append(Self.value(name, width: width, .float, about: about))
  }

  /// A matrix with a row for each sample, of which there may be any number.
  private static func value(
    _ name: String, width: Int, _ type: ONNXTensorProto.DataType, about: String
  ) -> ONNXValueInfoProto {
    var samples = ONNXTensorShapeProto.Dimension(), columns = ONNXTensorShapeProto.Dimension()
    samples.dimParam = "samples"
    columns.dimValue = Int64(width)
    var info = ONNXValueInfoProto()
    info.name = name
    info.docString = about
    info.type.tensorType.elemType = Int32(type.rawValue)
    info.type.tensorType.shape.dim = [samples, columns]
    return info
  }
}
