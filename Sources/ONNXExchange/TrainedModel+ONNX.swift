import Fascicle
import SwiftProtobuf

extension TrainedModel {
  /// The version of ONNX's operators that exported models use, and that of the file's format.
  public static let onnxOpset = GraphBuilder.opset, onnxFormatVersion = 8
  /// Bytes beyond which no protocol buffer may be.
  private static let onnxByteLimit = 2_147_483_647
  /// What inputs and outputs are called, those of tables aside, which have the names of their columns.
  static let onnxFeatures = "features", onnxOutputs = "outputs", onnxScores = "scores"

  /// The model as ONNX: format version 8, operators of opset 17.
  ///
  /// The input is `features`, `[samples][features]` in single precision, or one input for each column of the table that the
  /// model was trained on; scaling, logarithms, imputation and categories are nodes of the graph. The output is `outputs`,
  /// what `Predictor` answers with, and where that are logits or logarithms also `scores`, what
  /// `fascicle predict` writes. Layers that only act while training are left out.
  ///
  /// - Numerics: a runtime adds up in its own order, so its answers differ in the last places.
  /// - Throws: `ModelExchangeError` `.unsupported` for a model that is larger than 2 GiB, for that is the
  ///   format's limit, or a table whose columns are named like outputs.
  public func onnxBytes() throws(ModelExchangeError) -> [UInt8] {
    let model = try onnxModel()
    do {
      return try model.serializedBytes()
    } catch {
      throw ModelExchangeError(code: .unsupported, message: "the model cannot be written as ONNX: \(error)")
    }
  }

  /// Writes the model as an ONNX file, whole and durable.
  ///
  /// - Throws: what ``onnxBytes()`` throws, and `.writeFailed`; what was there before stays.
  public func writeONNX(to path: String) throws(ModelExchangeError) { try WholeFile.write(onnxBytes(), to: path) }

  private func onnxModel() throws(ModelExchangeError) -> ONNXModelProto {
    guard parameterCount < (Self.onnxByteLimit - (16 << 20)) / 4 else {
      throw ModelExchangeError(
        code: .unsupported,
        message: "the model has \(parameterCount) parameters, but an ONNX file has 2 GiB at most",
        hint: "export it as safetensors")
    }
    let graph = try onnxGraph()
    var model = ONNXModelProto()
    model.irVersion = Int64(Self.onnxFormatVersion)
    model.producerName = "fascicle"
    model.producerVersion = packageVersion
    model.graph = graph.graph
    model.opsetImport = [Self.opset("", GraphBuilder.opset)]
    if graph.usesMachineLearning {
      model.opsetImport.append(Self.opset(GraphBuilder.machineLearningDomain, GraphBuilder.machineLearningOpset))
    }
    model.metadataProps = onnxMetadata.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
    return model
  }

  private static func opset(_ domain: String, _ version: Int) -> ONNXOperatorSetIdProto {
    var opset = ONNXOperatorSetIdProto()
    opset.domain = domain
    opset.version = Int64(version)
    return opset
  }

  private var onnxMetadata: [(String, String)] {
    var entries = [("weights_sha256", weightsSHA256()), ("loss", "\(loss.name)")]
    if let names = preparation?.classNames ?? classNames {
      entries.append(("classes", JSONNode.list(names.map(JSONNode.text)).line))
    }
    if let preparation { entries.append(("label", preparation.label.name)) }
    return entries
  }

  private func onnxGraph() throws(ModelExchangeError) -> GraphBuilder {
    let columns = preparation?.columns.map(\.name) ?? [Self.onnxFeatures], own = [Self.onnxOutputs, Self.onnxScores]
    if let taken = columns.first(where: { own.contains($0) || $0.isEmpty }) {
      throw ModelExchangeError(
        code: .unsupported,
        message: "a column of the table is called '\(taken)', which an ONNX graph "
          + (taken.isEmpty ? "cannot have as a name" : "keeps for what it puts out"),
        hint: "rename the column and train again")
    }
    var graph = GraphBuilder(name: "fascicle", reserved: columns + own)
    var outputs = [onnxFeatures(&graph)]
    for (stage, parameters) in zip(stages, stageParameters) {
      outputs.append(graph.stage(stage, parameters, after: outputs))
    }
    var answers = outputs[outputs.count - 1]
    if let scales = try scalesOfAnswers() { answers = graph.unscaled(answers, scales) }
    _ = graph.node("Identity", [answers], output: Self.onnxOutputs)
    graph.addOutput(Self.onnxOutputs, width: outputCount, about: "what the network answers with")
    addScores(&graph)
    return graph
  }

  private func scalesOfAnswers() throws(ModelExchangeError) -> [PreparedScale]? {
    do {
      return try answerScales()
    } catch {
      throw ModelExchangeError(code: .unsupported, message: error.message)
    }
  }

  /// The network's input: features, scaled where they are.
  private func onnxFeatures(_ graph: inout GraphBuilder) -> String {
    var features = Self.onnxFeatures
    if let preparation {
      features = graph.table(preparation)
    } else {
      graph.addInput(features, width: featureCount, about: "a row for each sample")
    }
    guard !transform.isIdentity else { return features }
    let scaled = graph.node("Mul", [features, graph.constant(transform.scale, name: "scale")])
    return graph.node("Add", [scaled, graph.constant(transform.shift, name: "shift")])
  }

  /// Adds what is read from outputs that are logits or logarithms.
  private func addScores(_ graph: inout GraphBuilder) {
    let outputs = [Self.onnxOutputs], scores = Self.onnxScores
    switch loss {
    case .crossEntropy(_, .logits), .focal(_, .logits), .klDivergence(.logits):
      _ = graph.node("Softmax", outputs, ["axis": .int(-1)], output: scores)
    case .binaryCrossEntropy(_, .logits), .binaryFocal(_, .logits):
      _ = graph.node("Sigmoid", outputs, output: scores)
    case .poisson(.logarithms): _ = graph.node("Exp", outputs, output: scores)
    case .gaussianNLL:
      let width = outputCount / 2
      let ends = [graph.indices([0]), graph.indices([width]), graph.indices([1])]
      _ = graph.node("Slice", outputs + ends, output: scores)
      return graph.addOutput(scores, width: width, about: "means")
    default: return
    }
    graph.addOutput(scores, width: outputCount, about: "what the outputs mean: probabilities, or rates")
  }
}
