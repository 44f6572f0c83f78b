import Fascicle
import ONNXExchange
import Testing

@Suite("Models written as ONNX")
struct ONNXExportTests {
  private func model(_ network: Network, loss: Loss = .meanSquaredError) throws -> TrainedModel {
    try Trainer(
      network, loss: loss, optimizer: SGD(learningRate: 0.1), seed: 3,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false)
    ).model()
  }

  private func graph(_ model: TrainedModel) throws -> ONNXModelProto {
    try ONNXModelProto(serializedBytes: model.onnxBytes())
  }

  /// What the specification asks of any graph, and of these ones.
  private func check(_ model: ONNXModelProto, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(model.irVersion == 8 && model.producerName == "fascicle", sourceLocation: sourceLocation)
    #expect(model.opsetImport.first { $0.domain.isEmpty }?.version == 17, sourceLocation: sourceLocation)
    let graph = model.graph
    var known = Set(graph.input.map(\.name)).union(graph.initializer.map(\.name))
    #expect(known.count == graph.input.count + graph.initializer.count, sourceLocation: sourceLocation)
    for node in graph.node {
      #expect(node.input.allSatisfy(known.contains), "\(node)", sourceLocation: sourceLocation)
      for name in node.output { #expect(known.insert(name).inserted, "\(name)", sourceLocation: sourceLocation) }
      let domains = Set(model.opsetImport.map(\.domain))
      #expect(domains.contains(node.domain) && !node.opType.isEmpty, sourceLocation: sourceLocation)
      #expect(node.attribute.allSatisfy { $0.hasType && !$0.name.isEmpty }, sourceLocation: sourceLocation)
    }
    #expect(graph.output.allSatisfy { known.contains($0.name) }, sourceLocation: sourceLocation)
    #expect(!graph.name.isEmpty && !graph.input.isEmpty && !graph.output.isEmpty, sourceLocation: sourceLocation)
    for tensor in graph.initializer {
      let width = tensor.dataType == 1 ? 4 : 8
      let count = tensor.dims.reduce(1, *)
      #expect(tensor.rawData.count == Int(count) * width, "\(tensor.name)", sourceLocation: sourceLocation)
    }
  }

  @Test("every activation and every layer becomes operators in an order in which they can be computed")
  func everything() throws {
    for function in ActivationFunction.all + [.gelu(form: .tanh), .scaledLinear(slope: 2), .preLU(sharing: .perLayer)] {
      check(
        try graph(
          model(
            Network(inputs: 3) {
              Dense(4, activation: function)
              Activation(function)
              Dense(2)
            })))
    }
    let network = Network(inputs: 5) {
      Embedding(column: 1, categories: 3, width: 2)
      Dense(8, activation: .relu, usesBias: false)
      Dropout(0.2)
      LayerNorm()
      RMSNorm()
      BatchNorm(usesGain: false)
      Residual {
        Dense(6, activation: .tanh)
        GaussianNoise(0.1)
        Dense(8)
      }
      GatedLinear()
      Dense(3, activation: .softmax)
    }
    let onnx = try graph(model(network, loss: .categoricalCrossEntropy))
    check(onnx)
    let operations = Set(onnx.graph.node.map(\.opType))
    for name in ["Gather", "LayerNormalization", "BatchNormalization", "ReduceMean", "Slice", "Add", "Softmax"] {
      #expect(operations.contains(name), "\(name)")
    }
    #expect(!operations.contains("Dropout"))
  }

  @Test("outputs that are logits or logarithms come with what they mean")
  func scores() throws {
    let network = Network(inputs: 2) { Dense(4) }
    for (loss, operation, width) in [
      (Loss.crossEntropy(from: .logits), "Softmax", 4), (.binaryCrossEntropy(from: .logits), "Sigmoid", 4),
      (.poisson(from: .logarithms), "Exp", 4), (.gaussianNLL, "Slice", 2),
    ] {
      let onnx = try graph(model(network, loss: loss))
      check(onnx)
      #expect(onnx.graph.output.map(\.name) == ["outputs", "scores"])
      #expect(onnx.graph.node.last?.opType == operation)
      #expect(onnx.graph.output[1].type.tensorType.shape.dim[1].dimValue == Int64(width))
    }
    #expect(try graph(model(network)).graph.output.map(\.name) == ["outputs"])
  }

  @Test("the numbers of a graph give the predictor's answers")
  func numbers() throws {
    let network = Network(inputs: 3) {
      Dense(5, activation: .relu)
      Dense(2)
    }
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.01), normalization: .standardizeFeatures,
      seed: 3,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    let features = (0..<60).map { Float($0 * 37 % 23) - 3.5 }, targets = (0..<40).map { Float($0 % 7) }
    let data = try Dataset(features: features, featureCount: 3, targets: targets, targetCount: 2)
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 2, batchSize: 8)
    var model = try trainer.model(), onnx = try graph(model)
    check(onnx)
    #expect(onnx.metadataProps.first { $0.key == "weights_sha256" }?.value == model.weightsSHA256())
    let sample: [Float] = [1, -2, 0.5]
    let expected = try Predictor(model, runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false)).predict(
      sample)
    let found = try #require(LittleRuntime(onnx.graph).run(sample)["outputs"])
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected))) }
    // Answers that were learned in scale are brought back by a number for each output, in double precision.
    model.targetScales = [PreparedScale(centre: 1 / 3, spread: 7), PreparedScale(centre: -2, spread: 0.1)]
    onnx = try graph(model)
    check(onnx)
    #expect(onnx.graph.node.suffix(5).map(\.opType) == ["Cast", "Mul", "Add", "Cast", "Identity"])
    let doubles = onnx.graph.initializer.filter { $0.dataType == 11 }.map { tensor in
      tensor.rawData.withUnsafeBytes { bytes in
        (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      }
    }
    #expect(doubles.contains([7, 0.1]) && doubles.contains([1 / 3, -2]))
  }

  private func preparation(refusesUnknown: Bool = false, name: String = "Colour") throws -> TablePreparation {
    try TablePreparation(
      columns: [
        PreparedColumn(
          name: "Age",
          content: .number(PreparedNumber(fill: 30, isLogarithmic: true, scale: PreparedScale(centre: 3, spread: 2)))),
        PreparedColumn(
          name: name,
          content: .category(
            PreparedCategory(names: ["blue", "red"], fill: 1, refusesUnknown: refusesUnknown, scale: nil))),
        PreparedColumn(
          name: "Size",
          content: .category(
            PreparedCategory(
              names: ["s", "m"], fill: nil, refusesUnknown: false, scale: PreparedScale(centre: 0.5, spread: 0.5)))),
      ], label: PreparedLabel(name: "y", content: .classes(["no", "yes, or so"], areNumbers: false)),
      ignoredColumns: [],
      hasHeader: true, missingTexts: ["", "NA"])
  }

  @Test("a table's columns are inputs of their own, with imputation and categories in the graph")
  func table() throws {
    var model = try model(Network(inputs: 4) { Dense(2, activation: .softmax) }, loss: .categoricalCrossEntropy)
    model.preparation = try preparation()
    let onnx = try graph(model)
    check(onnx)
    #expect(onnx.graph.input.map(\.name) == ["Age", "Colour", "Size"])
    #expect(onnx.graph.input.map(\.type.tensorType.elemType) == [1, 8, 8])
    #expect(onnx.opsetImport.map(\.domain) == ["", "ai.onnx.ml"])
    #expect(onnx.metadataProps.first { $0.key == "classes" }?.value == "[\"no\", \"yes, or so\"]")
    let encoder = try #require(onnx.graph.node.first { $0.opType == "LabelEncoder" })
    let keys = encoder.attribute.first { $0.name == "keys_strings" }?.strings.map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(keys == ["blue", "red", "", "NA"])
    #expect(encoder.attribute.first { $0.name == "values_floats" }?.floats == [0, 1, 1, 1])
    #expect(encoder.attribute.first { $0.name == "default_float" }?.f == -1)
    model.preparation = try preparation(refusesUnknown: true)
    let strict = try #require(try graph(model).graph.node.first { $0.opType == "LabelEncoder" })
    #expect(strict.attribute.first { $0.name == "default_float" }?.f.isNaN == true)
  }

  @Test("a column that is named like an output is refused")
  func refused() throws {
    var model = try model(Network(inputs: 4) { Dense(2, activation: .softmax) }, loss: .categoricalCrossEntropy)
    model.preparation = try preparation(name: "outputs")
    let error = try #require(throws: ModelExchangeError.self) { try model.onnxBytes() }
    #expect(error.code == .unsupported && error.message.contains("called 'outputs'"))
  }
}

/// Computes graphs of the few operators that a plain network has, one sample at a time.
private struct LittleRuntime {
  private let graph: ONNXGraphProto
  private var values: [String: [Float]] = [:]

  init(_ graph: ONNXGraphProto) {
    self.graph = graph
    for tensor in graph.initializer where tensor.dataType == 1 {
      values[tensor.name] = tensor.rawData.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
      }
    }
  }

  /// All values by their names; nothing where an operator is unknown.
  func run(_ sample: [Float]) -> [String: [Float]] {
    var values = values
    values[graph.input[0].name] = sample
    for node in graph.node {
      let inputs = node.input.compactMap { values[$0] }
      guard inputs.count == node.input.count, let result = Self.result(node.opType, inputs) else { return [:] }
      values[node.output[0]] = result
    }
    return values
  }

  private static func result(_ operation: String, _ inputs: [[Float]]) -> [Float]? {
    switch operation {
    case "Identity": inputs[0]
    case "Relu": inputs[0].map { max(0, $0) }
    case "Mul": zip(inputs[0], inputs[1]).map { $0 * $1 }
    case "Add": zip(inputs[0], inputs[1]).map { $0 + $1 }
    case "Gemm":
      inputs[2].enumerated().map { unit, bias in
        inputs[0].enumerated().reduce(bias) { $0 + $1.element * inputs[1][unit * inputs[0].count + $1.offset] }
      }
    default: nil
    }
  }
}
