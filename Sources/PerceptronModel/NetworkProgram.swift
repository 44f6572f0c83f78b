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
  /// The numbers of the layers that the stages' activations are of, for errors.
  private let activationLayers: [String]
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
    stages.allSatisfy { $0.dense != nil && $0.learning.outputs.isNone }
      && !(fusesLastActivation ? stages.dropLast() : stages[...]).contains { $0.activation.couplesUnits }
  }

  /// Whether the product above a stage takes the gradient through the stage's activation as well: nothing is to be done
  /// before that, such as adding the gradient of a residual connection or of a penalty.
  func fusesBackward(_ index: Int) -> Bool {
    let stage = stages[index]
    let isSource = stages.contains { if case .add(index) = $0.operation { true } else { false } }
    return stage.operation == .activate && stage.activation.fusesWithDense && stage.learning.outputs.isNone && !isSource
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
    for (index, layer) in network.layers.enumerated() { try builder.append(layer, number: "\(index + 1)") }
    self.network = network
    self.loss = loss
    self.operands = operands
    self.stages = builder.stages
    self.stageNames = builder.names
    activationLayers = builder.activationLayers
    self.vectorCount = builder.vectorCount
    self.parameterCount = builder.parameterCount
    guard stages.contains(where: { $0.dense != nil }) else {
      throw PerceptronModelError(
        code: .noDenseLayer, message: "the network has no dense layer, so there is nothing to learn",
        hint: "add one, such as { dense: 10, activation: softmax }")
    }
    // Where all is frozen, gradients stay with the last stage; training refuses such a network.
    let lowest = stages.firstIndex(where: \.learns) ?? stages.count - 1
    self.lowestLearningStage = lowest
    try checkLoss()
    try checkResiduals()
  }

  /// Rounded to bfloat16 for a dense layer, the network's input is not kept as floats.
  private func checkResiduals() throws(PerceptronModelError) {
    guard operands != .float32, stages[0].dense != nil,
      let index = stages.firstIndex(where: { $0.operation == .add(source: -1) })
    else { return }
    throw PerceptronModelError(
      code: .mismatch,
      message:
        "\(stageNames[index]) adds the network's input, which the precision \(operands.name) does not keep in single precision",
      hint: "begin with a dense layer, or use the precision f32")
  }

  /// Refuses to train what only runs forward: the step function has no gradient, so nothing at or below it could learn
  /// unless another is chosen in its stead.
  package func requireTrainable() throws(PerceptronModelError) {
    guard stages.contains(where: \.learns) else {
      throw PerceptronModelError(
        code: .untrainable, message: "the network cannot be trained: all of its layers are frozen",
        hint: "leave out 'frozen' where something should be learned")
    }
    if let index = stages.lastIndex(where: { $0.activation == .step() }) {
      throw PerceptronModelError(
        code: .untrainable,
        message: "\(stageNames[index]) cannot be trained: the step function's derivative is zero everywhere",
        hint: "choose a gradient in its stead, as in { activation: step, gradient: straight_through } or, for a single "
          + "layer, gradient: perceptron; or use sigmoid, its smooth form, or relu"
      ).about(layer: activationLayers[index])
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
      hint: "use { activation: step, gradient: straight_through }, whose gradient goes through several layers"
    ).about(layer: activationLayers[index])
  }
}
