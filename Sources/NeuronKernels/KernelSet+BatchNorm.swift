import CNeuronKernels

/// Normalization of each feature by given statistics as `nk_batch_normalization` takes it.
package struct UnitNormalization {
  package let epsilon: Float
  package var mean: UnsafePointer<Float>
  package var variance: UnsafePointer<Float>
  package let gain: UnsafePointer<Float>?
  package let shift: UnsafePointer<Float>?

  package init(
    epsilon: Float, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, gain: UnsafePointer<Float>?,
    shift: UnsafePointer<Float>?
  ) {
    self.epsilon = epsilon
    self.mean = mean
    self.variance = variance
    self.gain = gain
    self.shift = shift
  }
}

extension KernelSet {
  /// Means and variances over samples; see `nk_batch_moments`.
  package func batchMoments(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, values: UnsafePointer<Float>,
    means: UnsafeMutablePointer<Float>, variances: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_batch_moments(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count, values: values,
      means: means, variances: variances)
    table.batch_moments(&arguments)
  }

  /// Normalization of panels by statistics of their features; see `nk_batch_normalization`.
  package func batchNormalize(
    _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, by normalization: UnitNormalization,
    sampleCount: Int, featureCount: Int, normalized: UnsafeMutablePointer<Float>? = nil
  ) {
    var arguments = nk_batch_normalization(
      samples: sampleCount, features: featureCount, epsilon: normalization.epsilon, mean: normalization.mean,
      variance: normalization.variance, gain: normalization.gain, shift: normalization.shift, input: input,
      output: output, normalized: normalized)
    table.batch_normalize(&arguments)
  }

  /// The way back of a batch normalization; see `nk_batch_normalization_backward`.
  package func batchNormalizeBackward(
    _ outputGradient: UnsafePointer<Float>, by normalization: UnitNormalization, sampleCount: Int, featureCount: Int,
    share: Float, sums: UnsafePointer<Float>, products: UnsafePointer<Float>, normalized: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_batch_normalization_backward(
      samples: sampleCount, features: featureCount, epsilon: normalization.epsilon, share: share,
      variance: normalization.variance, gain: normalization.gain, sums: sums, products: products,
      output_gradient: outputGradient, normalized: normalized, input_gradient: inputGradient)
    table.batch_normalize_backward(&arguments)
  }

  /// In-place normalization of sample rows by statistics; see `nk_row_batch_normalization`.
  package func rowBatchNormalize(
    _ rows: SampleRows<UnsafeMutablePointer<Float>>, by normalization: UnitNormalization, sampleCount: Int,
    featureCount: Int
  ) {
    var arguments = nk_row_batch_normalization(
      samples: sampleCount, features: featureCount, stride: rows.stride, epsilon: normalization.epsilon,
      mean: normalization.mean, variance: normalization.variance, gain: normalization.gain, shift: normalization.shift,
      values: rows.values)
    table.row_batch_normalize(&arguments)
  }
}
