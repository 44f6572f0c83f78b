import NeuronKernels

/// The layers that are neither dense nor activations, each a stage of its own.
extension StageBuilder {
  mutating func appendChange(
    _ change: RandomChange, _ parameter: NamedParameter, name: String
  ) throws(PerceptronModelError) {
    try requireNumber(parameter, in: name)
    appendStage(.change(change), name: name)
  }

  mutating func appendNorm(
    centers: Bool, epsilon: Float, name: String
  ) throws(PerceptronModelError) {
    try requireNumber(.number("epsilon", epsilon, .positive), in: name)
    let gains = place(width, parameters: width)
    let shifts = centers ? place(width, parameters: width) : vectorCount..<vectorCount
    appendStage(.normalize(centers: centers, epsilon: epsilon), name: name, bias: shifts, slopes: gains)
  }

  /// Statistics have places in the vector, so that whatever copies, saves or swaps parameters takes them along.
  mutating func appendBatchNorm(_ norm: BatchNorm, name: String) throws(PerceptronModelError) {
    try requireNumber(.number("epsilon", norm.epsilon, .positive), in: name)
    guard norm.momentum > 0, norm.momentum <= 1 else {
      throw PerceptronModelError(
        code: .parameter, message: "\(name) needs a momentum above 0 and at most 1, but has \(norm.momentum)",
        hint: "it is the new minibatch's share, as in PyTorch; Keras's 0.99 is 0.01 here")
    }
    let gains = norm.usesGain ? place(width, parameters: width) : nil
    let shifts = norm.usesShift ? place(width, parameters: width) : nil
    let means = place(width, parameters: 0), variances = place(width, parameters: 0)
    appendStage(
      .batchNormalize(momentum: norm.momentum, epsilon: norm.epsilon), name: name, bias: shifts, slopes: gains)
    stages[stages.count - 1].runningMean = means
    stages[stages.count - 1].runningVariance = variances
  }

  mutating func appendGate(name: String) throws(PerceptronModelError) {
    guard width % 2 == 0 else {
      throw PerceptronModelError(
        code: .mismatch, message: "\(name) needs an even number of values to halve, but gets \(width)",
        hint: "give the layer before it twice the units that are wanted")
    }
    appendStage(.gate, name: name, outputs: width / 2)
  }

  mutating func appendResidual(_ residual: Residual, number: String) throws(PerceptronModelError) {
    let name = "layer \(number) (residual)", before = width, source = stages.count - 1
    let outerSpan = spanStart
    spanStart = stages.count
    for (index, layer) in residual.layers.enumerated() { try append(layer, number: "\(number).\(index + 1)") }
    spanStart = outerSpan
    guard stages.count > source + 1 else {
      throw PerceptronModelError(
        code: .mismatch, message: "\(name) has no layers that change anything",
        hint: "write some, as in { residual: [{ dense: \(before), activation: relu }] }")
    }
    guard width == before else {
      throw PerceptronModelError(
        code: .mismatch, message: "\(name) puts out \(width) values, but adds the \(before) that it takes in",
        hint: "end the span with { dense: \(before) }")
    }
    appendStage(.add(source: source), name: name)
  }

  private func requireNumber(_ parameter: NamedParameter, in name: String) throws(PerceptronModelError) {
    guard let refusal = parameter.refusal else { return }
    throw PerceptronModelError(code: .parameter, message: "\(name) needs \(refusal)")
  }

  private mutating func appendStage(
    _ operation: StageOperation, name: String, outputs: Int? = nil, bias: Range<Int>? = nil, slopes: Range<Int>? = nil
  ) {
    let none = vectorCount..<vectorCount
    stages.append(
      Stage(
        dense: nil, operation: operation, inputCount: width, outputCount: outputs ?? width, activation: .linear,
        chosenInitializer: nil, weights: none, bias: bias ?? none, slopes: slopes ?? none))
    names.append(name)
    width = outputs ?? width
  }
}
