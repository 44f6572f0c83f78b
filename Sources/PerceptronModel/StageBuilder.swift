import NeuronKernels

/// Turns layers into stages one by one, giving places in the flat vector as it goes.
struct StageBuilder {
  var stages: [Stage] = []
  var names: [String] = []
  /// For each stage the number of the layer that its activation is of, such as `3`, or `3.1` for the first inside the third.
  private(set) var activationLayers: [String] = []
  private(set) var vectorCount = 0
  private(set) var parameterCount = 0
  /// Features of a sample.
  let inputCount: Int
  /// Values that a sample has behind the stages so far.
  var width: Int
  /// The first stage of the residual span that is being built, whose input nothing may be fused into.
  var spanStart = 0

  init(inputs: Int) {
    inputCount = inputs
    width = inputs
  }

  mutating func append(_ layer: Layer, number: String) throws(PerceptronModelError) {
    do {
      try appendStages(of: layer, number: number)
    } catch {
      throw error.about(layer: number)
    }
    while activationLayers.count < stages.count { activationLayers.append(number) }
  }

  private mutating func appendStages(of layer: Layer, number: String) throws(PerceptronModelError) {
    if stages.isEmpty { try requireWidth(width, of: "the input") }
    switch layer {
    case .embedding(let embedding): try appendEmbedding(embedding, number: number)
    case .dense(let dense):
      try requireWidth(dense.units, of: "layer \(number) (dense)")
      try appendDense(dense, number: number)
    case .activation(let activation):
      try appendActivation(activation, number: number)
    case .dropout(let dropout):
      try appendChange(
        dropout.change, .number("rate", dropout.rate, .rate), name: "layer \(number) (dropout \(dropout.rate))")
    case .alphaDropout(let dropout):
      try appendChange(
        dropout.change, .number("rate", dropout.rate, .rate), name: "layer \(number) (alpha dropout \(dropout.rate))")
    case .gaussianNoise(let noise):
      try appendChange(
        .noise(deviation: noise.deviation), .number("deviation", noise.deviation, .nonNegative),
        name: "layer \(number) (noise \(noise.deviation))")
    case .layerNorm(let norm):
      try appendNorm(centers: true, epsilon: norm.epsilon, name: "layer \(number) (layer norm)")
    case .rmsNorm(let norm):
      try appendNorm(centers: false, epsilon: norm.epsilon, name: "layer \(number) (rms norm)")
    case .batchNorm(let norm): try appendBatchNorm(norm, name: "layer \(number) (batch norm)")
    case .gatedLinear: try appendGate(name: "layer \(number) (glu)")
    case .residual(let residual): try appendResidual(residual, number: number)
    }
  }

  private mutating func appendDense(_ dense: Dense, number: String) throws(PerceptronModelError) {
    let name = "layer \(number) (dense \(dense.units)\(dense.activation == .linear ? "" : " \(dense.activation)"))"
    try requireParameters(of: dense.activation, in: name)
    try requireOptions(of: dense, in: name)
    let shape = DenseShape(inputCount: width, outputCount: dense.units)
    try requireCountable(shape, of: name)
    let weights = place(shape.weightCount, parameters: width * dense.units)
    let bias = dense.usesBias ? place(dense.units, parameters: dense.units) : vectorCount..<vectorCount
    let isFused = dense.activation.fusesWithDense
    stages.append(
      Stage(
        dense: shape, inputCount: width, outputCount: dense.units, activation: isFused ? dense.activation : .linear,
        chosenInitializer: dense.initializer, initialBias: dense.initialBias, learning: dense.learning,
        weights: weights, bias: bias, slopes: placeSlopes(dense.activation, units: dense.units)))
    names.append(name)
    width = dense.units
    if !isFused { appendStage(of: Activation(dense.activation), name: name) }
  }

  private mutating func appendActivation(_ layer: Activation, number: String) throws(PerceptronModelError) {
    let function = layer.function, name = "layer \(number) (\(function))"
    try requireParameters(of: function, in: name)
    try requireSound(layer.learning, in: name)
    if function == .linear { return }
    if stages.count > spanStart, let last = stages.last, last.dense != nil, last.activation == .linear,
      function.fusesWithDense
    {
      // A penalty on the sums is on what the dense layer put out; fused, there would be nothing to lay it on.
      if last.learning.outputs.isNone {
        fuse(layer, into: last, number: number)
        return
      }
    }
    appendStage(of: layer, name: name)
  }

  private mutating func appendStage(of layer: Activation, name: String) {
    stages.append(
      Stage(
        dense: nil, inputCount: width, outputCount: width, activation: layer.function, chosenInitializer: nil,
        learning: layer.learning, weights: vectorCount..<vectorCount, bias: vectorCount..<vectorCount,
        slopes: placeSlopes(layer.function, units: width)))
    names.append(name)
  }

  /// `Dense(64)` followed by `Activation(.tanh)` is the same stage as `Dense(64, activation: .tanh)`.
  private mutating func fuse(_ layer: Activation, into last: Stage, number: String) {
    var learning = last.learning
    learning.slopes = layer.slopeRegularizer
    stages[stages.count - 1] = Stage(
      dense: last.dense, inputCount: last.inputCount, outputCount: last.outputCount, activation: layer.function,
      chosenInitializer: last.chosenInitializer, initialBias: last.initialBias, learning: learning,
      weights: last.weights, bias: last.bias, slopes: placeSlopes(layer.function, units: width))
    activationLayers[activationLayers.count - 1] = number
    names[names.count - 1] += " with layer \(number) (\(layer.function))"
  }

  private mutating func placeSlopes(_ function: ActivationFunction, units: Int) -> Range<Int> {
    let count = function.learnedSlopeCount(units: units)
    return count > 0 ? place(count, parameters: count) : vectorCount..<vectorCount
  }

  mutating func place(_ count: Int, parameters: Int) -> Range<Int> {
    defer {
      vectorCount += PanelLayout.lineCount(count)
      parameterCount += parameters
    }
    return vectorCount..<vectorCount + count
  }

  private func requireWidth(_ width: Int, of place: String) throws(PerceptronModelError) {
    guard (1...Self.widthLimit).contains(width) else {
      throw PerceptronModelError(
        code: .width, message: "\(place) must have between 1 and \(Self.widthLimit) units, but has \(width)")
    }
  }

  /// Beyond 2³⁸ parameters (1 TiB of weights) a width is a typing error, and sums of sizes could overflow.
  private func requireCountable(_ shape: DenseShape, of place: String) throws(PerceptronModelError) {
    guard shape.inputCount <= (1 << 38) / shape.outputCount, vectorCount + shape.weightCount <= 1 << 38 else {
      throw PerceptronModelError(
        code: .width, message: "\(place) would have \(shape.inputCount) × \(shape.outputCount) weights, beyond 2^38")
    }
  }

  private func requireOptions(of dense: Dense, in place: String) throws(PerceptronModelError) {
    let parameters = (dense.initializer?.parameters ?? []) + [.number("initialBias", dense.initialBias)]
    for parameter in parameters {
      guard let refusal = parameter.refusal else { continue }
      throw PerceptronModelError(code: .parameter, message: "\(place) needs \(refusal)")
    }
    try requireSound(dense.learning, in: place)
    guard !dense.activation.fusesWithDense, !dense.learning.outputs.isNone else { return }
    throw PerceptronModelError(
      code: .mismatch, message: "\(place) has an activityRegularizer, which \(dense.activation) does not take",
      hint: "leave it out, or use another activation")
  }

  private func requireSound(_ learning: LayerLearning, in place: String) throws(PerceptronModelError) {
    guard let refusal = learning.refusal else { return }
    throw PerceptronModelError(code: .parameter, message: "\(place) needs \(refusal)")
  }

  private func requireParameters(
    of function: ActivationFunction, in place: String
  ) throws(PerceptronModelError) {
    for parameter in function.parameters where parameter.words.isEmpty && !parameter.range.contains(parameter.number) {
      throw PerceptronModelError(
        code: .slope,
        message: "\(place) needs \(parameter.range.wording(parameter.name)), but has \(parameter.number)")
    }
    guard case .rreLU(let lower, let upper) = function, lower > upper else { return }
    throw PerceptronModelError(
      code: .slope, message: "\(place) needs an upper slope of at least the lower, but has \(lower) and \(upper)")
  }

  private static let widthLimit = 1 << 24
}
