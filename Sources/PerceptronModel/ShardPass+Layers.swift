import NeuronKernels

/// Stages without products: each sample by itself, on the whole width of the shard's panels.
extension ShardPass {
  /// Runs a stage without products on panels of its input.
  func apply(_ index: Int, to input: UnsafePointer<Float>, activation: KernelActivation) {
    let bound = network.stages[index]
    let count = bound.stage.outputCount, values = output(bound)
    if bound.stage.operation == .gate {
      return kernels.gate(sampleCount: sampleCount, outputCount: count, input: input, output: values)
    }
    if let table = bound.stage.embeddingTable {
      return kernels.embed(input, to: values, by: table, vectors: bound.weights, sampleCount: sampleCount)
    }
    if bound.stage.operation.normalizesBatches { return normalizeBatch(bound, input: input) }
    copyPanels(from: input, to: values, featureCount: count)
    switch bound.stage.operation {
    case .activate:
      kernels.activationForward(
        sampleCount: sampleCount, featureCount: count, values: values,
        preactivation: preparedPreactivation(ofStage: index, units: 0..<count), activation: activation)
    case .change(let change):
      guard let draws else { return }
      kernels.change(
        values, change, factors: preactivation(bound), sampleCount: sampleCount, featureCount: count, draws: draws,
        stage: index)
    case .normalize:
      kernels.normalize(
        values, by: bound.normalization.unsafelyUnwrapped, sampleCount: sampleCount, featureCount: count,
        normalized: preactivation(bound), inverses: bound.inverses.map { shard($0, 1) })
    case .add:
      kernels.combine(
        values, .add, with: shard(bound.added.unsafelyUnwrapped, count), sampleCount: sampleCount, featureCount: count)
    case .batchNormalize, .embed, .gate: break
    }
  }

  /// Takes the gradient of a stage without products from its input to the stage below, as ∂loss/∂y there.
  func passDown(_ bound: BoundStage, to below: BoundStage) {
    switch bound.stage.operation {
    case .activate, .change, .add:
      copyPanels(from: gradient(bound), to: gradient(below), featureCount: bound.stage.outputCount)
    case .normalize:
      kernels.normalizeBackward(
        gradient(bound), by: bound.normalization.unsafelyUnwrapped, sampleCount: sampleCount,
        featureCount: bound.stage.outputCount, normalized: preactivation(bound).unsafelyUnwrapped,
        inverses: shard(bound.inverses.unsafelyUnwrapped, 1), inputGradient: gradient(below))
    case .embed:
      kernels.embedBackward(
        gradient(bound), by: bound.stage.embeddingTable.unsafelyUnwrapped, sampleCount: sampleCount,
        inputGradient: gradient(below))
    case .batchNormalize: normalizeBatchBackward(bound, inputGradient: gradient(below))
    case .gate:
      kernels.gateBackward(
        sampleCount: sampleCount, outputCount: bound.stage.outputCount, input: output(below),
        outputGradient: gradient(bound), inputGradient: gradient(below))
    }
  }

  /// Makes ∂loss/∂y of a stage whole, with what reaches it past the stage above and with its penalty, and derives it.
  func finishGradient(of index: Int) {
    let bound = network.stages[index], count = bound.stage.outputCount
    for above in stride(from: network.stages.count - 1, to: index + 1, by: -1) {
      guard case .add(index) = network.stages[above].stage.operation else { continue }
      kernels.combine(
        gradient(bound), .add, with: gradient(network.stages[above]), sampleCount: sampleCount, featureCount: count)
    }
    let penalty = bound.stage.learning.outputs
    if !penalty.isNone {
      kernels.combine(
        gradient(bound), .penalty, with: output(bound), sampleCount: sampleCount, featureCount: count,
        a: gradientScale * penalty.l1, b: 2 * gradientScale * penalty.l2)
    }
    derive(bound)
  }

  /// Turns ∂loss/∂y of a stage into what the way down takes: ∂loss/∂z of an activation.
  private func derive(_ bound: BoundStage) {
    switch bound.stage.operation {
    case .activate:
      kernels.activationBackward(
        sampleCount: sampleCount, featureCount: bound.stage.outputCount, gradient: gradient(bound),
        output: output(bound), preactivation: preactivation(bound), activation: bound.activation)
    case .change(.drop):
      kernels.combine(
        gradient(bound), .multiply, with: preactivation(bound).unsafelyUnwrapped, sampleCount: sampleCount,
        featureCount: bound.stage.outputCount)
    case .change(.noise), .normalize, .batchNormalize, .embed, .gate, .add: break
    }
  }
}
