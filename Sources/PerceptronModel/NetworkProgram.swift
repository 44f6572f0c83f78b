import NeuronKernels

/// A network made ready to run: checked, cut into stages, every parameter with its place in one flat vector.
///
/// The vector holds for each stage its weight panels `[inputs/32][outputs][32]`, its biases and its slopes, each padded to
/// whole 64-byte lines; gradients and optimizer state use the same places.
package struct NetworkProgram: Sendable, Hashable {
  package let network: Network
  package let loss: Loss
  /// What the matrix products multiply.
  package let operands: OperandPrecision
  package let stages: [Stage]
  /// What messages call each stage, as in `layer 2 (dense 128 relu)`.
  package let stageNames: [String]
  /// Floats of the flat vector, padding included.
  package let vectorCount: Int
  /// Parameters, padding left out.
  package let parameterCount: Int

  package var inputCount: Int { network.inputs }
  package var outputCount: Int { stages[stages.count - 1].outputCount }

  /// Whether the last activation, softmax or sigmoid, is computed together with the loss.
  package var fusesLastActivation: Bool { loss.fusedActivation != nil }

  /// The loss as the kernels take it.
  package var kernelLoss: KernelLoss { loss.kernelLoss(outputCount: outputCount) }

  /// The lowest stage that learns; gradients go no further down.
  package let lowestLearningStage: Int

  /// Whether several workers can share a sample: every stage is dense, and no softmax couples its units before the last.
  package var splitsByUnits: Bool {
    stages.allSatisfy { $0.dense != nil }
      && !(fusesLastActivation ? stages.dropLast() : stages[...]).contains { $0.activation.couplesUnits }
  }

  /// FLOP of a training step over `sampleCount` samples: Σ 6·B·K·N, less 2·B·K·N for the first dense stage.
  package func flopsPerStep(sampleCount: Int) -> Double {
    let products = stages.compactMap(\.dense).map { 2 * Double(sampleCount) * Double($0.inputCount * $0.outputCount) }
    return 3 * products.reduce(0, +) - (products.first ?? 0)
  }

  /// Checks `network` and gives every parameter its place.
  ///
  /// - Throws: ``PerceptronModelError`` for widths, slopes and pairs of loss and activation that cannot work.
  package init(
    _ network: Network, loss: Loss, operands: OperandPrecision = .float32
  ) throws(PerceptronModelError) {
    var builder = StageBuilder(inputs: network.inputs)
    for (index, layer) in network.layers.enumerated() { try builder.append(layer, number: index + 1) }
    self.network = network
    self.loss = loss
    self.operands = operands
    self.stages = builder.stages
    self.stageNames = builder.names
    self.vectorCount = builder.vectorCount
    self.parameterCount = builder.parameterCount
    guard let lowest = stages.firstIndex(where: \.hasParameters), stages.contains(where: { $0.dense != nil }) else {
      throw PerceptronModelError(
        code: .noDenseLayer, message: "the network has no dense layer, so there is nothing to learn",
        hint: "add one, such as { dense: 10, activation: softmax }")
    }
    self.lowestLearningStage = lowest
    try checkLoss()
  }

  /// Refuses to train what only runs forward: the step function has no gradient, so nothing at or below it could learn
  /// unless another is chosen in its stead.
  package func requireTrainable() throws(PerceptronModelError) {
    if let index = stages.lastIndex(where: { $0.activation == .step() }) {
      throw PerceptronModelError(
        code: .untrainable,
        message: "\(stageNames[index]) cannot be trained: the step function's derivative is zero everywhere",
        hint: "choose a gradient in its stead, as in { activation: step, gradient: straight_through } or, for a single "
          + "layer, gradient: perceptron; or use sigmoid, its smooth form, or relu")
    }
    let isSingleLayer = stages.filter { $0.dense != nil }.count == 1
    guard let index = stages.lastIndex(where: { $0.activation == .step(gradient: .perceptron) }),
      index < stages.count - 1 || !isSingleLayer
    else { return }
    throw PerceptronModelError(
      code: .untrainable,
      message:
        "\(stageNames[index]) cannot be trained: the perceptron rule is for the last layer of a network with one "
        + "dense layer",
      hint: "use { activation: step, gradient: straight_through }, whose gradient goes through several layers")
  }
}

/// Turns layers into stages one by one, giving places in the flat vector as it goes.
private struct StageBuilder {
  private(set) var stages: [Stage] = []
  private(set) var names: [String] = []
  private(set) var vectorCount = 0
  private(set) var parameterCount = 0
  private var width: Int

  init(inputs: Int) { width = inputs }

  mutating func append(_ layer: Layer, number: Int) throws(PerceptronModelError) {
    if stages.isEmpty { try requireWidth(width, of: "the input") }
    switch layer {
    case .dense(let dense):
      try requireWidth(dense.units, of: "layer \(number) (dense)")
      try appendDense(dense, number: number)
    case .activation(let activation):
      try appendActivation(activation.function, number: number)
    }
  }

  private mutating func appendDense(_ dense: Dense, number: Int) throws(PerceptronModelError) {
    let name = "layer \(number) (dense \(dense.units)\(dense.activation == .linear ? "" : " \(dense.activation)"))"
    try requireParameters(of: dense.activation, in: name)
    let shape = DenseShape(inputCount: width, outputCount: dense.units)
    try requireCountable(shape, of: name)
    let weights = place(shape.weightCount, parameters: width * dense.units)
    let bias = dense.usesBias ? place(dense.units, parameters: dense.units) : vectorCount..<vectorCount
    let isFused = dense.activation.fusesWithDense
    stages.append(
      Stage(
        dense: shape, inputCount: width, outputCount: dense.units, activation: isFused ? dense.activation : .linear,
        chosenInitializer: dense.initializer, weights: weights, bias: bias,
        slopes: placeSlopes(dense.activation, units: dense.units)))
    names.append(name)
    width = dense.units
    if !isFused { appendStage(of: dense.activation, name: name) }
  }

  private mutating func appendActivation(_ function: ActivationFunction, number: Int) throws(PerceptronModelError) {
    let name = "layer \(number) (\(function))"
    try requireParameters(of: function, in: name)
    if function == .linear { return }
    if let last = stages.last, last.dense != nil, last.activation == .linear, function.fusesWithDense {
      fuse(function, into: last, number: number)
      return
    }
    appendStage(of: function, name: name)
  }

  private mutating func appendStage(of function: ActivationFunction, name: String) {
    stages.append(
      Stage(
        dense: nil, inputCount: width, outputCount: width, activation: function, chosenInitializer: nil,
        weights: vectorCount..<vectorCount, bias: vectorCount..<vectorCount,
        slopes: placeSlopes(function, units: width)))
    names.append(name)
  }

  /// `Dense(64)` followed by `Activation(.tanh)` is the same stage as `Dense(64, activation: .tanh)`.
  private mutating func fuse(_ function: ActivationFunction, into last: Stage, number: Int) {
    stages[stages.count - 1] = Stage(
      dense: last.dense, inputCount: last.inputCount, outputCount: last.outputCount, activation: function,
      chosenInitializer: last.chosenInitializer, weights: last.weights, bias: last.bias,
      slopes: placeSlopes(function, units: width))
    names[names.count - 1] += " with layer \(number) (\(function))"
  }

  private mutating func placeSlopes(_ function: ActivationFunction, units: Int) -> Range<Int> {
    let count = function.learnedSlopeCount(units: units)
    return count > 0 ? place(count, parameters: count) : vectorCount..<vectorCount
  }

  private mutating func place(_ count: Int, parameters: Int) -> Range<Int> {
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
