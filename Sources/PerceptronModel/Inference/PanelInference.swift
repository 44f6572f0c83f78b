import NeuronKernels

/// The way forward of many samples, as panels in memory of one worker's own.
package struct PanelInference {
  /// Samples that fit: four panels, enough that reading the weights is shared by 128 samples.
  package static let sampleCapacity = 4 * PanelLayout.laneCount

  private let network: InferenceNetwork
  private let kernels: KernelSet
  private let memory: UnsafeMutablePointer<Float>

  /// - Parameter memory: ``floatCount(_:)`` floats on a 64-byte line, borrowed.
  package init(_ network: InferenceNetwork, kernels: KernelSet, memory: UnsafeMutablePointer<Float>) {
    self.network = network
    self.kernels = kernels
    self.memory = memory
  }

  /// Floats of memory that a pass works in: the input, its transposed copy, and the buffers that stages take turns in.
  package static func floatCount(_ network: InferenceNetwork) -> Int {
    let inputs = network.program.inputCount
    return sampleCapacity
      * (PanelLayout.panelRows(inputs) + PanelLayout.paddedCount(inputs) + network.bufferCount * network.widestPanelRows)
  }

  /// Brings samples in and runs all stages.
  ///
  /// - Parameters:
  ///   - sampleCount: from 1 to ``sampleCapacity``.
  ///   - leavesLastActivation: whether the last activation is left to the loss that it is computed with.
  /// - Returns: panels of the network's outputs, in the pass's memory.
  package func run(
    sampleCount: Int, source: GatherSource, indices: UnsafePointer<UInt32>, leavesLastActivation: Bool = false
  ) -> UnsafeMutablePointer<Float> {
    kernels.gather(
      sampleCount: sampleCount, source: source, indices: indices, firstSample: 0, capacity: Self.sampleCapacity,
      panels: buffer(0), transposed: memory + Self.sampleCapacity * PanelLayout.panelRows(source.featureCount))
    for index in network.stages.indices {
      let stage = network.stages[index]
      let isLeft = leavesLastActivation && index == network.stages.count - 1
      run(stage, sampleCount: sampleCount, activation: isLeft ? .linear : stage.activation)
    }
    return buffer(network.stages[network.stages.count - 1].destination)
  }

  private func run(_ stage: InferenceStage, sampleCount: Int, activation: KernelActivation) {
    if let shape = stage.dense {
      kernels.denseForward(
        sampleCount: sampleCount, shape: shape, weights: stage.weights, bias: stage.bias, input: buffer(stage.source),
        output: buffer(stage.destination), preactivation: nil, activation: activation)
    } else {
      apply(stage, sampleCount: sampleCount, activation: activation)
    }
  }

  /// A stage without products.
  private func apply(_ stage: InferenceStage, sampleCount: Int, activation: KernelActivation) {
    let count = stage.outputCount, values = buffer(stage.destination)
    if stage.operation == .gate {
      return kernels.gate(
        sampleCount: sampleCount, outputCount: count, input: buffer(stage.source), output: values)
    }
    if let table = stage.embeddingTable {
      return kernels.embed(
        buffer(stage.source), to: values, by: table, vectors: stage.weights, sampleCount: sampleCount)
    }
    if stage.source != stage.destination {
      values.update(
        from: buffer(stage.source), count: PanelLayout.paddedCount(sampleCount) * PanelLayout.panelRows(count))
    }
    switch stage.operation {
    case .activate:
      kernels.activationForward(
        sampleCount: sampleCount, featureCount: count, values: values, preactivation: nil, activation: activation)
    case .normalize:
      kernels.normalize(
        values, by: stage.normalization.unsafelyUnwrapped, sampleCount: sampleCount, featureCount: count)
    case .batchNormalize:
      kernels.batchNormalize(
        values, to: values, by: stage.batchNormalization.unsafelyUnwrapped, sampleCount: sampleCount,
        featureCount: count)
    case .add:
      kernels.combine(
        values, .add, with: buffer(stage.added.unsafelyUnwrapped), sampleCount: sampleCount, featureCount: count)
    case .change, .embed, .gate: break
    }
  }

  private func buffer(_ buffer: Int) -> UnsafeMutablePointer<Float> {
    if buffer == 0 { return memory }
    let inputs = network.program.inputCount
    let first = memory + Self.sampleCapacity * (PanelLayout.panelRows(inputs) + PanelLayout.paddedCount(inputs))
    return first + (buffer - 1) * Self.sampleCapacity * network.widestPanelRows
  }
}
