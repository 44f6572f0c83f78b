import NeuronKernels

/// Where a test's sample rows begin: a line more than the features need, so that a wrong stride shows.
func rowStride(_ features: Int) -> Int { PanelLayout.lineCount(features) + 16 }

/// Rows [samples][features] as sample rows; `filler` stands between them.
func sampleRows(_ rows: [Float], samples: Int, features: Int, filler: Float) -> [Float] {
  var padded = [Float](repeating: filler, count: samples * rowStride(features))
  for s in 0..<samples {
    for f in 0..<features { padded[s * rowStride(features) + f] = rows[s * features + f] }
  }
  return padded
}

/// The rows [samples][features] that sample rows hold.
func plainRows(_ padded: [Float], samples: Int, features: Int) -> [Float] {
  (0..<samples).flatMap { s in padded[s * rowStride(features)..<s * rowStride(features) + features] }
}

/// Values that the kernels may read up to a whole line.
private func lines(_ values: [Float]) -> [Float] {
  values + [Float](repeating: 7, count: PanelLayout.lineCount(values.count) - values.count)
}

extension CaseActivation {
  /// The activation with slopes that are readable up to a whole line.
  fileprivate func lineArgument(_ memory: KernelMemory) -> KernelActivation {
    argument(slopes: kind == .preLU ? memory.input("slopes", lines(slopes)) : nil)
  }
}

/// The same dense stage for a few samples as rows, in one call or cut into calls of `cut` blocks.
struct RowForwardCase: KernelCase {
  /// What a panel would compute, softmax included.
  let stage: DenseForwardCase
  let cut: Int

  var description: String { "rowForward, \(cut) blocks a call, of \(stage)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let (inputs, outputs) = (stage.shape.inputCount, stage.shape.outputCount)
    let memory = KernelMemory()
    let output = memory.output("output", stage.samples * rowStride(outputs))
    let weights = memory.input("weights", Self.outputBlocks(stage.weights, shape: stage.shape))
    let bias = stage.bias.map { memory.input("bias", lines($0)) }
    let input = memory.input(
      "input", sampleRows(stage.input, samples: stage.samples, features: inputs, filler: .nan))
    let activation = stage.activation.lineArgument(memory)
    let blockCount = OutputBlocks.count(outputs)
    for first in stride(from: 0, to: blockCount, by: cut) {
      kernels.rowForward(
        sampleCount: stage.samples, shape: stage.shape, blocks: first..<min(first + cut, blockCount), weights: weights,
        bias: bias, input: SampleRows(input, stride: rowStride(inputs)),
        output: SampleRows(output.pointer, stride: rowStride(outputs)), activation: activation)
    }
    if stage.activation.kind == .softmax {
      kernels.rowActivation(
        sampleCount: stage.samples, featureCount: outputs,
        rows: SampleRows(output.pointer, stride: rowStride(outputs)), activation: activation)
    }
    expectPoisonBetweenRows(memory, output, outputs: outputs)
    return memory.result(OutputBlock("output", plainRows(output.values, samples: stage.samples, features: outputs)))
  }

  /// Lanes up to the end of a block are the kernel's, the line after it is not.
  private func expectPoisonBetweenRows(_ memory: KernelMemory, _ output: GuardedBuffer<Float>, outputs: Int) {
    let gaps = (0..<stage.samples).flatMap { s in
      (PanelLayout.lineCount(outputs)..<rowStride(outputs)).map { s * rowStride(outputs) + $0 }
    }
    memory.expectPoison("output", in: output, at: gaps)
  }

  /// Weights [outputs][inputs] as output blocks; outputs beyond the last are zero, as the kernels require.
  static func outputBlocks(_ weights: [Float], shape: DenseShape) -> [Float] {
    var blocks = [Float](repeating: 0, count: OutputBlocks.weightCount(shape))
    for o in 0..<shape.outputCount {
      for i in 0..<shape.inputCount {
        blocks[OutputBlocks.weightIndex(input: i, output: o, inputCount: shape.inputCount)] =
          weights[o * shape.inputCount + i]
      }
    }
    return blocks
  }
}

/// One in-place activation of sample rows.
struct RowActivationCase: KernelCase {
  let samples: Int
  let features: Int
  let activation: CaseActivation
  /// Rows [samples][features].
  let values: [Float]

  var description: String { "rowActivation \(activation), \(samples) × \(features)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let inOut = memory.watched("values", sampleRows(values, samples: samples, features: features, filler: 3.5))
    kernels.rowActivation(
      sampleCount: samples, featureCount: features, rows: SampleRows(inOut.pointer, stride: rowStride(features)),
      activation: activation.lineArgument(memory))
    return memory.result(OutputBlock("values", plainRows(inOut.values, samples: samples, features: features)))
  }
}

/// One gather of data set rows into sample rows.
struct RowGatherCase<Element: BitwiseCopyable>: KernelCase {
  let features: Int
  /// Rows [any][features].
  let data: [Element]
  /// nil for the first rows in order.
  let indices: [UInt32]?
  let sampleCount: Int
  let scale: [Float]
  let shift: [Float]

  var description: String {
    "rowGather of \(Element.self), \(sampleCount) × \(features)\(indices == nil ? " in order" : "")"
  }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let padding = [Float](repeating: 0, count: PanelLayout.paddedCount(features) - features)
    let rows = memory.output("rows", sampleCount * rowStride(features))
    let source = GatherSource(
      data: UnsafeRawPointer(memory.input("data", data)), element: Element.self == UInt8.self ? .uint8 : .float32,
      featureCount: features, scale: memory.input("scale", scale + padding),
      shift: memory.input("shift", shift + padding))
    kernels.rowGather(
      sampleCount: sampleCount, source: source, indices: indices.map { memory.input("indices", $0) },
      rows: SampleRows(rows.pointer, stride: rowStride(features)))
    let gaps = (0..<sampleCount).flatMap { s in (features..<rowStride(features)).map { s * rowStride(features) + $0 } }
    memory.expectPoison("rows", in: rows, at: gaps)
    return memory.result(OutputBlock("rows", plainRows(rows.values, samples: sampleCount, features: features)))
  }
}
