import CNeuronKernels

/// Where a product leaves activations or gradients, in any of three forms; nil for those that nobody reads.
package struct BFloat16Destination {
  /// Panels of floats.
  package var floats: UnsafeMutablePointer<Float>?
  /// Rows of bfloat16, `[panel][feature][32]`.
  package var rows: UnsafeMutablePointer<UInt16>?
  /// Words that pair two features of a lane, `[panel][feature/2][32]`.
  package var pairs: UnsafeMutablePointer<UInt32>?

  package init(
    floats: UnsafeMutablePointer<Float>? = nil, rows: UnsafeMutablePointer<UInt16>? = nil,
    pairs: UnsafeMutablePointer<UInt32>? = nil
  ) {
    self.floats = floats
    self.rows = rows
    self.pairs = pairs
  }
}

/// The stage below a product on the way back: its activation, and its output in the form that was kept.
package struct BFloat16Below {
  package var activation: KernelActivation
  package var output: UnsafePointer<Float>?
  package var outputPairs: UnsafePointer<UInt32>?
  package var preactivation: UnsafeMutablePointer<Float>?

  package init(
    activation: KernelActivation, output: UnsafePointer<Float>?, outputPairs: UnsafePointer<UInt32>?,
    preactivation: UnsafeMutablePointer<Float>?
  ) {
    self.activation = activation
    self.output = output
    self.outputPairs = outputPairs
    self.preactivation = preactivation
  }
}

extension BFloat16Kernels {
  /// `y = f(W·x + b)` over panels, the outputs `rows`; see `nk_bf16_dense_forward`.
  package func denseForward(
    sampleCount: Int, shape: DenseShape, rows: Range<Int>, weights: UnsafePointer<UInt16>, bias: UnsafePointer<Float>?,
    input: UnsafePointer<UInt32>, output: BFloat16Destination, preactivation: UnsafeMutablePointer<Float>?,
    activation: KernelActivation
  ) {
    var arguments = nk_bf16_dense_forward(
      samples: sampleCount, inputs: shape.inputCount, outputs: shape.outputCount, first_row: rows.lowerBound,
      rows: rows.count, weights: weights, bias: bias, input: input, output: output.floats, output_pairs: output.pairs,
      preactivation: preactivation, activation: activation.cValue)
    table.dense_forward(&arguments)
  }

  /// `dx = (Wᵀ·dz) ⊙ f′` of the stage below, the inputs `rows`; see `nk_bf16_dense_backward`.
  package func denseBackward(
    sampleCount: Int, shape: DenseShape, rows: Range<Int>, weights: UnsafePointer<UInt32>,
    outputGradient: UnsafePointer<UInt32>, inputGradient: BFloat16Destination, below: BFloat16Below
  ) {
    var arguments = nk_bf16_dense_backward(
      samples: sampleCount, inputs: shape.inputCount, outputs: shape.outputCount, first_row: rows.lowerBound,
      rows: rows.count, weights: weights, output_gradient: outputGradient, input_gradient: inputGradient.floats,
      gradient_rows: inputGradient.rows,
      gradient_pairs: inputGradient.pairs, below: below.activation.cValue, below_output: below.output,
      below_pairs: below.outputPairs, below_preactivation: below.preactivation)
    table.dense_backward(&arguments)
  }

  /// Rows of one input panel's weight gradient over all samples; see `nk_bf16_weight_gradient`.
  ///
  /// - Parameter updateReads: what the update of these rows will read, asked for meanwhile.
  package func weightGradient(
    sampleCount: Int, outputCount: Int, rows: Range<Int>, inputCount: Int, outputGradient: UnsafePointer<UInt16>,
    inputSamplePairs: UnsafePointer<UInt32>, gradient: UnsafeMutablePointer<Float>,
    updateReads: UpdateReads = UpdateReads()
  ) {
    var arguments = nk_bf16_weight_gradient(
      samples: sampleCount, outputs: outputCount, first_row: rows.lowerBound, rows: rows.count, inputs: inputCount,
      output_gradient: outputGradient, input_pairs: inputSamplePairs, gradient: gradient,
      update_reads: (updateReads.parameters, updateReads.firstState, updateReads.secondState))
    table.weight_gradient(&arguments)
  }

  /// Each feature's sum over the samples, for bias gradients; see `nk_bf16_sample_sums`.
  package func sampleSums(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, values: UnsafePointer<UInt16>,
    sums: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_bf16_sample_sums(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count, values: values,
      sums: sums)
    table.sample_sums(&arguments)
  }
}
