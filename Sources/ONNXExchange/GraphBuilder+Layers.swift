import Fascicle

extension GraphBuilder {
  /// Adds a stage of the network; `outputs` are those of the stages before, the network's input first.
  mutating func stage(_ stage: Stage, _ parameters: StageParameters, after outputs: [String]) -> String {
    let values = outputs[outputs.count - 1]
    switch stage.operation {
    case .activate:
      let sums = stage.dense.map { dense($0, parameters, values) } ?? values
      return activation(stage.activation, sums, slopes: parameters.slopes)
    case .change: return values
    case .normalize(let centers, let epsilon):
      return centers
        ? node(
          "LayerNormalization",
          [values, constant(parameters.slopes, name: "gain"), constant(parameters.bias, name: "shift")],
          ["axis": .int(-1), "epsilon": .float(epsilon)])
        : rootMeanSquare(values, gain: parameters.slopes, epsilon: epsilon)
    case .batchNormalize(_, let epsilon): return batchNorm(parameters, width: stage.outputCount, epsilon, values)
    case .gate: return gate(values, width: stage.outputCount)
    case .embed(_, let position, let categories):
      return embed(parameters.weights, position: position, categories: categories, width: stage.inputCount, values)
    case .add(let source): return node("Add", [values, outputs[source + 1]])
    }
  }

  private mutating func dense(_ shape: DenseShape, _ parameters: StageParameters, _ values: String) -> String {
    let weights = constant(parameters.weights, [shape.outputCount, shape.inputCount], name: "weight")
    let bias = parameters.bias.isEmpty ? [] : [constant(parameters.bias, name: "bias")]
    return node("Gemm", [values, weights] + bias, ["transB": .int(1)])
  }

  /// gain·x/√(mean of x² + epsilon).
  private mutating func rootMeanSquare(_ values: String, gain: [Float], epsilon: Float) -> String {
    let mean = node("ReduceMean", [node("Mul", [values, values])], ["axes": .ints([-1]), "keepdims": .int(1)])
    let root = node("Sqrt", [node("Add", [mean, number(epsilon)])])
    return node("Mul", [node("Div", [values, root]), constant(gain, name: "gain")])
  }

  private mutating func batchNorm(
    _ parameters: StageParameters, width: Int, _ epsilon: Float, _ values: String
  ) -> String {
    let gain = parameters.slopes.isEmpty ? [Float](repeating: 1, count: width) : parameters.slopes
    let shift = parameters.bias.isEmpty ? [Float](repeating: 0, count: width) : parameters.bias
    return node(
      "BatchNormalization",
      [
        values, constant(gain, name: "gain"), constant(shift, name: "shift"),
        constant(parameters.runningMean, name: "running_mean"),
        constant(parameters.runningVariance, name: "running_var"),
      ], ["epsilon": .float(epsilon)])
  }

  /// The first half of the values times the sigmoid of the second.
  private mutating func gate(_ values: String, width: Int) -> String {
    let axis = indices([1])
    let linear = node("Slice", [values, indices([0]), indices([width]), axis])
    let gated = node("Slice", [values, indices([width]), indices([2 * width]), axis])
    return node("Mul", [linear, node("Sigmoid", [gated])])
  }

  /// The values without the category at `position`, and behind them the category's vector.
  private mutating func embed(
    _ vectors: [Float], position: Int, categories: Int, width: Int, _ values: String
  ) -> String {
    let table = constant(vectors, [categories, vectors.count / categories], name: "vectors")
    let category = node("Gather", [values, indices([position], [])], ["axis": .int(1)])
    let whole = node("Cast", [category], ["to": .int(ONNXTensorProto.DataType.int64.rawValue)])
    let vector = node("Gather", [table, whole], ["axis": .int(0)])
    let others = (0..<width).filter { $0 != position }
    guard !others.isEmpty else { return vector }
    return node("Concat", [node("Gather", [values, indices(others)], ["axis": .int(1)]), vector], ["axis": .int(1)])
  }
}
