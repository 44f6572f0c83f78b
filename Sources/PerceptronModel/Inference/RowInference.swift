import NeuronKernels

/// The way forward of a few samples, as rows with outputs in the lanes; several workers may share a stage's outputs.
///
/// A sample gets the bits that ``PanelInference`` gives it.
package struct RowInference {
  /// Samples up to which rows are no slower than a panel.
  ///
  /// A panel computes 16 lanes in any case, and a sample as a row was measured to cost a sixteenth of them; besides, workers
  /// can divide a stage of rows.
  package static let sampleCapacity = 16

  package let network: InferenceNetwork
  private let kernels: KernelSet
  private let memory: UnsafeMutablePointer<Float>
  private let inputStride: Int
  private let outputStride: Int

  /// - Parameter memory: ``floatCount(_:)`` floats on a 64-byte line, borrowed.
  package init(_ network: InferenceNetwork, kernels: KernelSet, memory: UnsafeMutablePointer<Float>) {
    self.network = network
    self.kernels = kernels
    self.memory = memory
    inputStride = PanelLayout.lineCount(network.program.inputCount)
    outputStride = PanelLayout.lineCount(network.widestOutput)
  }

  /// Floats of memory that a pass works in.
  package static func floatCount(_ network: InferenceNetwork) -> Int {
    sampleCapacity
      * (PanelLayout.lineCount(network.program.inputCount) + network.bufferCount
        * PanelLayout.lineCount(network.widestOutput))
  }

  /// Brings samples in; nil for `indices` takes the first rows of the source.
  package func gather(sampleCount: Int, source: GatherSource, indices: UnsafePointer<UInt32>?) {
    kernels.rowGather(sampleCount: sampleCount, source: source, indices: indices, rows: rows(0))
  }

  /// Output blocks of a stage, which workers may divide; none for an activation alone.
  package func blockCount(ofStage index: Int) -> Int {
    network.stages[index].dense.map { OutputBlocks.count($0.outputCount) } ?? 0
  }

  /// Whether a stage ends with ``finish(stage:sampleCount:)``, once all its blocks are done.
  package func needsFinish(stage index: Int) -> Bool {
    let stage = network.stages[index]
    return stage.dense == nil ? !stage.operation.isIdentityForAnswers : stage.activation.kind == .softmax
  }

  /// Computes some blocks of a dense stage's outputs.
  package func run(stage index: Int, blocks: Range<Int>, sampleCount: Int) {
    let stage = network.stages[index]
    guard let shape = stage.dense, !blocks.isEmpty else { return }
    let input = rows(stage.source)
    kernels.rowForward(
      sampleCount: sampleCount, shape: shape, blocks: blocks, weights: stage.weightBlocks, bias: stage.bias,
      input: SampleRows(UnsafePointer(input.values), stride: input.stride), output: rows(stage.destination),
      activation: stage.activation)
  }

  /// Does what needs all outputs of a sample: softmax, or a stage without products.
  package func finish(stage index: Int, sampleCount: Int) {
    let stage = network.stages[index], count = stage.outputCount, values = rows(stage.destination)
    if stage.operation == .gate {
      let input = rows(stage.source)
      return kernels.rowGate(
        sampleCount: sampleCount, outputCount: count,
        input: SampleRows(UnsafePointer(input.values), stride: input.stride), output: values)
    }
    if let table = stage.embeddingTable {
      let input = rows(stage.source)
      return kernels.rowEmbed(
        SampleRows(UnsafePointer(input.values), stride: input.stride), to: values, by: table, vectors: stage.weights,
        sampleCount: sampleCount)
    }
    if stage.dense == nil, stage.source != stage.destination { copy(stage, to: values, sampleCount: sampleCount) }
    switch stage.operation {
    case .activate:
      kernels.rowActivation(
        sampleCount: sampleCount, featureCount: count, rows: values, activation: stage.activation)
    case .normalize:
      kernels.rowNormalize(
        values, by: stage.normalization.unsafelyUnwrapped, sampleCount: sampleCount, featureCount: count)
    case .batchNormalize:
      kernels.rowBatchNormalize(
        values, by: stage.batchNormalization.unsafelyUnwrapped, sampleCount: sampleCount, featureCount: count)
    case .add:
      let added = rows(stage.added.unsafelyUnwrapped)
      for sample in 0..<sampleCount {
        kernels.combine(
          values.values + sample * values.stride, .add, with: added.values + sample * added.stride,
          count: PanelLayout.lineCount(count))
      }
    case .change, .embed, .gate: break
    }
  }

  private func copy(_ stage: InferenceStage, to values: SampleRows<UnsafeMutablePointer<Float>>, sampleCount: Int) {
    let source = rows(stage.source)
    for sample in 0..<sampleCount {
      (values.values + sample * values.stride).update(
        from: source.values + sample * source.stride, count: stage.outputCount)
    }
  }

  /// The network's outputs after the last stage.
  package var outputs: SampleRows<UnsafeMutablePointer<Float>> {
    rows(network.stages[network.stages.count - 1].destination)
  }

  private func rows(_ buffer: Int) -> SampleRows<UnsafeMutablePointer<Float>> {
    if buffer == 0 { return SampleRows(memory, stride: inputStride) }
    let first = memory + Self.sampleCapacity * inputStride
    return SampleRows(first + (buffer - 1) * Self.sampleCapacity * outputStride, stride: outputStride)
  }
}
