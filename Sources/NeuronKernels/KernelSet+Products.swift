import CNeuronKernels

/// An activation as the kernels take it.
package struct KernelActivation {
  package enum Kind: UInt32 {
    case linear, step, sigmoid, tanh, relu, leakyReLU, preLU, softmax
  }

  package var kind: Kind
  package var slope: Float
  package var slopes: UnsafePointer<Float>?

  package init(_ kind: Kind, slope: Float = 0, slopes: UnsafePointer<Float>? = nil) {
    self.kind = kind
    self.slope = slope
    self.slopes = slopes
  }

  package static var linear: KernelActivation { KernelActivation(.linear) }

  var cValue: nk_activation {
    nk_activation(kind: nk_activation_kind(kind.rawValue), slope: slope, slopes: slopes)
  }
}

/// Inputs and outputs of a dense stage.
package struct DenseShape: Sendable, Hashable {
  package let inputCount: Int
  package let outputCount: Int

  package init(inputCount: Int, outputCount: Int) {
    self.inputCount = inputCount
    self.outputCount = outputCount
  }

  /// Floats of the weight panels, lanes beyond the last input and rows beyond the last output included.
  package var weightCount: Int { PanelLayout.paddedCount(inputCount) * PanelLayout.panelRows(outputCount) }
}

/// What the update of a block will read, each as long as the block.
package struct UpdateReads {
  package var parameters: UnsafePointer<Float>?
  package var firstState: UnsafePointer<Float>?
  package var secondState: UnsafePointer<Float>?

  package init(
    parameters: UnsafePointer<Float>? = nil, firstState: UnsafePointer<Float>? = nil,
    secondState: UnsafePointer<Float>? = nil
  ) {
    self.parameters = parameters
    self.firstState = firstState
    self.secondState = secondState
  }
}

extension KernelSet {
  /// `y = f(W·x + b)` over panels, all outputs or the run `rows` of them; see `nk_dense_forward`.
  package func denseForward(
    sampleCount: Int, shape: DenseShape, rows: Range<Int>? = nil, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?,
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, preactivation: UnsafeMutablePointer<Float>?,
    activation: KernelActivation
  ) {
    let rows = rows ?? 0..<shape.outputCount
    var arguments = nk_dense_forward(
      samples: sampleCount, inputs: shape.inputCount, outputs: shape.outputCount, first_row: rows.lowerBound,
      rows: rows.count, weights: weights, bias: bias, input: input, output: output, preactivation: preactivation,
      activation: activation.cValue)
    table.dense_forward(&arguments)
  }

  /// `dx = (Wᵀ·dz) ⊙ f′` of the stage below, all inputs or the run `rows` of them; see `nk_dense_backward`.
  package func denseBackward(
    sampleCount: Int, shape: DenseShape, rows: Range<Int>? = nil, weights: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, below: KernelActivation, belowOutput: UnsafePointer<Float>?,
    belowPreactivation: UnsafeMutablePointer<Float>?
  ) {
    let rows = rows ?? 0..<shape.inputCount
    var arguments = nk_dense_backward(
      samples: sampleCount, inputs: shape.inputCount, outputs: shape.outputCount, first_row: rows.lowerBound,
      rows: rows.count, weights: weights, output_gradient: outputGradient, input_gradient: inputGradient,
      below: below.cValue, below_output: belowOutput, below_preactivation: belowPreactivation)
    table.dense_backward(&arguments)
  }

  /// Rows of one input panel's weight gradient over all samples; see `nk_weight_gradient`.
  ///
  /// - Parameter updateReads: what the update of these rows will read, asked for meanwhile.
  package func weightGradient(
    sampleCount: Int, outputCount: Int, rows: Range<Int>, inputCount: Int, outputGradient: UnsafePointer<Float>,
    inputTransposed: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    updateReads: UpdateReads = UpdateReads()
  ) {
    var arguments = nk_weight_gradient(
      samples: sampleCount, outputs: outputCount, first_row: rows.lowerBound, rows: rows.count, inputs: inputCount,
      output_gradient: outputGradient, input_transposed: inputTransposed, gradient: gradient,
      update_reads: (updateReads.parameters, updateReads.firstState, updateReads.secondState))
    table.weight_gradient(&arguments)
  }

  /// Each feature's sum over the samples, for bias and slope gradients; see `nk_sample_sums`.
  package func sampleSums(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, values: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_sample_sums(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count, values: values,
      sums: sums)
    table.sample_sums(&arguments)
  }

  /// In-place activation of panels that no dense stage computed; see `nk_activation_forward`.
  package func activationForward(
    sampleCount: Int, featureCount: Int, values: UnsafeMutablePointer<Float>,
    preactivation: UnsafeMutablePointer<Float>?, activation: KernelActivation
  ) {
    var arguments = nk_activation_forward(
      samples: sampleCount, features: featureCount, values: values, preactivation: preactivation,
      activation: activation.cValue)
    table.activation_forward(&arguments)
  }

  /// In-place derivative of an activation; see `nk_activation_backward`.
  package func activationBackward(
    sampleCount: Int, featureCount: Int, gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>,
    preactivation: UnsafeMutablePointer<Float>?, activation: KernelActivation
  ) {
    var arguments = nk_activation_backward(
      samples: sampleCount, features: featureCount, gradient: gradient, output: output, preactivation: preactivation,
      activation: activation.cValue)
    table.activation_backward(&arguments)
  }
}
