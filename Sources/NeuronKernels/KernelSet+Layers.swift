import CNeuronKernels

/// What becomes of a value and another one; `nk_combination` gives the equations.
package enum Combination: UInt32, CaseIterable, Sendable {
  case add, multiply, penalty, scale, raise

  fileprivate var cValue: nk_combination { nk_combination(rawValue) }
}

/// A random change of values, as `nk_random_change` defines it.
package enum RandomChange: Sendable, Hashable {
  /// A value becomes `dropped` with probability `rate`, otherwise scale·v + shift.
  case drop(rate: Float, scale: Float, shift: Float, dropped: Float)
  /// A value gets a normal number of this deviation added.
  case noise(deviation: Float)
}

/// Normalization over features as `nk_normalization` takes it.
package struct FeatureNormalization {
  package let centers: Bool
  package let epsilon: Float
  package let gain: UnsafePointer<Float>
  package let shift: UnsafePointer<Float>?

  package init(centers: Bool, epsilon: Float, gain: UnsafePointer<Float>, shift: UnsafePointer<Float>?) {
    self.centers = centers
    self.epsilon = epsilon
    self.gain = gain
    self.shift = shift
  }
}

extension KernelSet {
  /// In-place combination of panels with others of the same shape; see `nk_panel_combination`.
  package func combine(
    _ values: UnsafeMutablePointer<Float>, _ combination: Combination, with other: UnsafePointer<Float>,
    sampleCount: Int, featureCount: Int, a: Float = 0, b: Float = 0
  ) {
    var arguments = nk_panel_combination(
      samples: sampleCount, features: featureCount, combination: combination.cValue, a: a, b: b, values: values,
      other: other)
    table.combine_panels(&arguments)
  }

  /// In-place combination of `count` floats, a multiple of 16, with others; see `nk_combination`.
  package func combine(
    _ values: UnsafeMutablePointer<Float>, _ combination: Combination, with other: UnsafePointer<Float>, count: Int,
    a: Float = 0, b: Float = 0
  ) {
    table.combine_slices(combination.cValue, values, other, count, a, b)
  }

  /// In-place random change of panels; see `nk_random_change`.
  ///
  /// - Parameter factors: panels that receive what the way back multiplies with; nil for noise.
  package func change(
    _ values: UnsafeMutablePointer<Float>, _ change: RandomChange, factors: UnsafeMutablePointer<Float>?,
    sampleCount: Int, featureCount: Int, draws: ActivationDraws, stage: Int
  ) {
    var arguments = nk_random_change(
      samples: sampleCount, features: featureCount, first_sample: draws.firstSample, seed: draws.seed, step: draws.step,
      stream: PhiloxStream.Purpose.layerChanges.rawValue << 16 | UInt32(truncatingIfNeeded: stage),
      kind: NK_RANDOM_NOISE, rate: 0, scale: 0, shift: 0, dropped: 0, values: values, factors: factors)
    switch change {
    case .drop(let rate, let scale, let shift, let dropped):
      arguments.kind = NK_RANDOM_DROP
      (arguments.rate, arguments.scale, arguments.shift, arguments.dropped) = (rate, scale, shift, dropped)
    case .noise(let deviation): arguments.scale = deviation
    }
    table.random_change(&arguments)
  }

  /// In-place normalization of each sample over its features; see `nk_normalization`.
  package func normalize(
    _ values: UnsafeMutablePointer<Float>, by normalization: FeatureNormalization, sampleCount: Int, featureCount: Int,
    normalized: UnsafeMutablePointer<Float>? = nil, inverses: UnsafeMutablePointer<Float>? = nil
  ) {
    var arguments = nk_normalization(
      samples: sampleCount, features: featureCount, centers: normalization.centers, epsilon: normalization.epsilon,
      gain: normalization.gain, shift: normalization.shift, values: values, normalized: normalized, inverses: inverses)
    table.normalize(&arguments)
  }

  /// The way back of a normalization; see `nk_normalization_backward`.
  package func normalizeBackward(
    _ outputGradient: UnsafePointer<Float>, by normalization: FeatureNormalization, sampleCount: Int, featureCount: Int,
    normalized: UnsafePointer<Float>, inverses: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_normalization_backward(
      samples: sampleCount, features: featureCount, centers: normalization.centers, gain: normalization.gain,
      output_gradient: outputGradient, normalized: normalized, inverses: inverses, input_gradient: inputGradient)
    table.normalize_backward(&arguments)
  }

  /// Each feature's sum of products over the samples; see `nk_sample_products`.
  package func sampleProducts(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_sample_products(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count, a: a, b: b, sums: sums
    )
    table.sample_products(&arguments)
  }

  /// Gated linear units of panels; see `nk_gate`.
  package func gate(
    sampleCount: Int, outputCount: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_gate(samples: sampleCount, outputs: outputCount, input: input, output: output)
    table.gate(&arguments)
  }

  /// The way back of a gate; see `nk_gate_backward`.
  package func gateBackward(
    sampleCount: Int, outputCount: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_gate_backward(
      samples: sampleCount, outputs: outputCount, input: input, output_gradient: outputGradient,
      input_gradient: inputGradient)
    table.gate_backward(&arguments)
  }

  /// In-place normalization of sample rows; see `nk_row_normalization`.
  package func rowNormalize(
    _ rows: SampleRows<UnsafeMutablePointer<Float>>, by normalization: FeatureNormalization, sampleCount: Int,
    featureCount: Int
  ) {
    var arguments = nk_row_normalization(
      samples: sampleCount, features: featureCount, stride: rows.stride, centers: normalization.centers,
      epsilon: normalization.epsilon, gain: normalization.gain, shift: normalization.shift, values: rows.values)
    table.row_normalize(&arguments)
  }

  /// Gated linear units of sample rows; see `nk_row_gate`.
  package func rowGate(
    sampleCount: Int, outputCount: Int, input: SampleRows<UnsafePointer<Float>>,
    output: SampleRows<UnsafeMutablePointer<Float>>
  ) {
    var arguments = nk_row_gate(
      samples: sampleCount, outputs: outputCount, input_stride: input.stride, output_stride: output.stride,
      input: input.values, output: output.values)
    table.row_gate(&arguments)
  }
}
