import CNeuronKernels

/// An activation as the kernels take it.
package struct KernelActivation {
  /// The kinds in the order of `nk_activation_kind`, which gives their equations.
  package enum Kind: UInt32, CaseIterable, Sendable {
    case linear, step, sigmoid, tanh, relu, leakyReLU, preLU, softmax
    case scaledLinear, stepStraightThrough, stepPerceptron
    case hardSigmoid, logSigmoid, hardTanh, scaledTanh, tanhShrink
    case relu6, signedLeakyReLU, rreLU, elu, selu, celu, gelu, geluTanh, silu, hardSiLU, mish
    case softplus, squareplus, softsign, elliot, exponential, gaussian
    case threshold, softShrink, hardShrink, logSoftmax

    /// Whether the way back reads what the way forward leaves beside y: z, or a slope that was drawn.
    package var readsPreactivation: Bool { nk_activation_reads_preactivation(nk_activation_kind(rawValue)) }
  }

  package var kind: Kind
  package var a: Float
  package var b: Float
  /// Whether `slopes` is a single one for all units.
  package var sharesSlope: Bool
  package var slopes: UnsafePointer<Float>?

  package init(
    _ kind: Kind, a: Float = 0, b: Float = 0, sharesSlope: Bool = false, slopes: UnsafePointer<Float>? = nil
  ) {
    self.kind = kind
    self.a = a
    self.b = b
    self.sharesSlope = sharesSlope
    self.slopes = slopes
  }

  /// Whether the products' kernels apply the function to their own results and undo it on the way back.
  package var fusesWithDense: Bool { kind != .logSoftmax }

  package static var linear: KernelActivation { KernelActivation(.linear) }

  var cValue: nk_activation {
    nk_activation(kind: nk_activation_kind(kind.rawValue), a: a, b: b, shares_slope: sharesSlope, slopes: slopes)
  }
}

/// Where a shard's random draws stand: each is a function of the seed, the step, the sample and the unit alone.
package struct ActivationDraws: Sendable {
  package var seed: UInt64
  package var step: UInt32
  /// The place of the shard's first sample among those of the epoch.
  package var firstSample: Int

  package init(seed: UInt64, step: Int, firstSample: Int) {
    self.seed = seed
    self.step = UInt32(truncatingIfNeeded: step)
    self.firstSample = firstSample
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
  /// - Parameters:
  ///   - updateReads: what the update of these rows will read, asked for meanwhile.
  ///   - rowsAhead: output gradients that calls to come will read, asked for meanwhile.
  package func weightGradient(
    sampleCount: Int, outputCount: Int, rows: Range<Int>, inputCount: Int, outputGradient: UnsafePointer<Float>,
    inputTransposed: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    updateReads: UpdateReads = UpdateReads(), rowsAhead: Range<Int> = 0..<0
  ) {
    var arguments = nk_weight_gradient(
      samples: sampleCount, outputs: outputCount, first_row: rows.lowerBound, rows: rows.count, inputs: inputCount,
      first_row_ahead: rowsAhead.lowerBound, rows_ahead: rowsAhead.count,
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

  /// The slopes of randomized leaky ReLU for the units `rows`, where the way forward will leave z; see `nk_random_slopes`.
  package func randomSlopes(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, draws: ActivationDraws, stage: Int,
    activation: KernelActivation, slopes: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_random_slopes(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count,
      first_sample: draws.firstSample, seed: draws.seed, step: draws.step,
      stream: PhiloxStream.Purpose.activationSlopes.rawValue << 16 | UInt32(truncatingIfNeeded: stage),
      activation: activation.cValue, slopes: slopes)
    table.random_slopes(&arguments)
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
