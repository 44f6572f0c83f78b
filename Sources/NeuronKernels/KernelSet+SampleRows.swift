import CNeuronKernels

/// The arithmetic of output blocks, the second layout of weights: `[outputs/16][input][16 outputs]`.
package enum OutputBlocks {
  /// Outputs of a block: 16, one 64-byte line.
  package static let width = Int(NK_OUTPUT_BLOCK)

  /// Whole blocks that `outputCount` outputs take.
  package static func count(_ outputCount: Int) -> Int { (outputCount + width - 1) / width }

  /// Floats of a stage's weights, outputs beyond the last included.
  package static func weightCount(_ shape: DenseShape) -> Int { count(shape.outputCount) * width * shape.inputCount }

  /// Where the weight from `input` to `output` stands.
  package static func weightIndex(input: Int, output: Int, inputCount: Int) -> Int {
    (output / width * inputCount + input) * width + output % width
  }
}

/// Samples one after the other, `stride` floats apart, a multiple of 16.
package struct SampleRows<Pointer> {
  package var values: Pointer
  package var stride: Int

  package init(_ values: Pointer, stride: Int) {
    self.values = values
    self.stride = stride
  }
}

extension KernelSet {
  /// Gathers and scales data set rows into sample rows, the first ones without `indices`; see `nk_row_gather`.
  package func rowGather(
    sampleCount: Int, source: GatherSource, indices: UnsafePointer<UInt32>?,
    rows: SampleRows<UnsafeMutablePointer<Float>>
  ) {
    var arguments = nk_row_gather(
      samples: sampleCount, features: source.featureCount, stride: rows.stride,
      element: nk_element(source.element.rawValue), data: source.data, indices: indices, scale: source.scale,
      shift: source.shift, rows: rows.values)
    table.row_gather(&arguments)
  }

  /// `y = f(W·x + b)` for a few samples and some output blocks, with softmax left out; see `nk_row_forward`.
  package func rowForward(
    sampleCount: Int, shape: DenseShape, blocks: Range<Int>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, input: SampleRows<UnsafePointer<Float>>,
    output: SampleRows<UnsafeMutablePointer<Float>>, activation: KernelActivation
  ) {
    var arguments = nk_row_forward(
      samples: sampleCount, inputs: shape.inputCount, outputs: shape.outputCount, first_block: blocks.lowerBound,
      blocks: blocks.count, input_stride: input.stride, output_stride: output.stride, weights: weights, bias: bias,
      input: input.values, output: output.values, activation: activation.cValue)
    table.row_forward(&arguments)
  }

  /// In-place activation of whole sample rows, softmax included; see `nk_row_activation`.
  package func rowActivation(
    sampleCount: Int, featureCount: Int, rows: SampleRows<UnsafeMutablePointer<Float>>, activation: KernelActivation
  ) {
    var arguments = nk_row_activation(
      samples: sampleCount, features: featureCount, stride: rows.stride, values: rows.values,
      activation: activation.cValue)
    table.row_activation(&arguments)
  }
}
