import NeuronKernels

/// One stage as prediction runs it, with the addresses of its parameters; a trivial value.
package struct InferenceStage {
  package let dense: DenseShape?
  /// What becomes of the values.
  package let operation: StageOperation
  package let outputCount: Int
  /// The activation, learned slopes included.
  package let activation: KernelActivation
  /// Weight panels, for many samples.
  let weights: UnsafePointer<Float>
  /// Output blocks, for a few.
  let weightBlocks: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
  /// The table of an embedding, whose vectors are the weights.
  let embeddingTable: EmbeddingTable?
  /// The stage's normalization, where it is one.
  let normalization: FeatureNormalization?
  /// The stage's batch normalization by the running statistics, where it is one.
  let batchNormalization: UnitNormalization?
  /// The buffer that the stage reads, 0 for the network's input.
  package let source: Int
  /// The buffer that it writes; the source itself where it works in place.
  package let destination: Int
  /// The buffer that a residual connection adds.
  let added: Int?
}

/// A trained network ready to run forward, its weights in both layouts: panels for many samples, output blocks for a few.
///
/// - Concurrency: may be read by any number of threads.
package final class InferenceNetwork: @unchecked Sendable {
  package let program: NetworkProgram
  package let stages: UnsafeBufferPointer<InferenceStage>
  /// Values of the widest stage, the input not counted.
  package let widestOutput: Int
  /// Rows of memory of the largest panel of them.
  package let widestPanelRows: Int
  /// Buffers that the stages write by turns.
  package let bufferCount: Int
  /// FLOP of one sample's products.
  package let flopsPerSample: Double
  private let parameters: FrozenParameters
  private let blockStorage: AlignedStorage

  /// Copies the weights into output blocks; holds on to `parameters`.
  ///
  /// - Throws: ``NeuronKernelsError`` when there is no memory for the copy.
  package init(_ parameters: FrozenParameters) throws(NeuronKernelsError) {
    let program = parameters.program
    let offsets = Self.blockOffsets(program)
    blockStorage = try AlignedStorage(byteCount: offsets.floatCount * MemoryLayout<Float>.stride)
    let blocks = blockStorage.baseAddress.bindMemory(to: Float.self, capacity: max(1, offsets.floatCount))
    let table = UnsafeMutableBufferPointer<InferenceStage>.allocate(capacity: program.stages.count)
    let buffers = InferenceBuffers(program)
    for (index, stage) in program.stages.enumerated() {
      let weightBlocks = blocks + offsets.starts[index]
      if let shape = stage.dense { Self.pack(parameters.vector + stage.weights.lowerBound, shape, into: weightBlocks) }
      table.initializeElement(
        at: index, to: Self.bind(stage, index, parameters.vector, weightBlocks, buffers))
    }
    self.parameters = parameters
    self.program = program
    stages = UnsafeBufferPointer(table)
    bufferCount = buffers.count
    widestOutput = program.stages.map(\.outputCount).max() ?? 0
    widestPanelRows = program.stages.map { PanelLayout.panelRows($0.outputCount) }.max() ?? 0
    flopsPerSample = program.stages.compactMap(\.dense)
      .reduce(0) { $0 + 2 * Double($1.inputCount) * Double($1.outputCount) }
  }

  deinit { stages.deallocate() }

  private static func bind(
    _ stage: Stage, _ index: Int, _ vector: UnsafePointer<Float>, _ weightBlocks: UnsafePointer<Float>,
    _ buffers: InferenceBuffers
  ) -> InferenceStage {
    InferenceStage(
      dense: stage.dense, operation: stage.operation, outputCount: stage.outputCount,
      activation: stage.activation.kernelActivation(
        slopes: stage.slopes.isEmpty ? nil : vector + stage.slopes.lowerBound),
      weights: vector + stage.weights.lowerBound, weightBlocks: weightBlocks,
      bias: stage.bias.isEmpty ? nil : vector + stage.bias.lowerBound, embeddingTable: stage.embeddingTable,
      normalization: stage.normalization(vector),
      batchNormalization: stage.runningNormalization(vector),
      source: index == 0 ? 0 : buffers.destinations[index - 1], destination: buffers.destinations[index],
      added: buffers.added[index])
  }

  /// Where each stage's output blocks begin, and how many floats all take; a block is whole 64-byte lines.
  private static func blockOffsets(_ program: NetworkProgram) -> (starts: [Int], floatCount: Int) {
    var next = 0
    let starts = program.stages.map { stage in
      defer { next += stage.dense.map(OutputBlocks.weightCount) ?? 0 }
      return next
    }
    return (starts, next)
  }

  /// Copies weight panels into zeroed output blocks.
  private static func pack(
    _ panels: UnsafePointer<Float>, _ shape: DenseShape, into blocks: UnsafeMutablePointer<Float>
  ) {
    for output in 0..<shape.outputCount {
      for input in 0..<shape.inputCount {
        blocks[OutputBlocks.weightIndex(input: input, output: output, inputCount: shape.inputCount)] =
          panels[PanelLayout.weightIndex(input: input, output: output, outputCount: shape.outputCount)]
      }
    }
  }
}
