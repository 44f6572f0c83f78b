import CNeuronKernels

extension PanelLayout {
  /// Words that pair the features of a panel's lane: `featureCount` rounded up to whole pairs, halved.
  package static func pairCount(_ featureCount: Int) -> Int { (featureCount + 1) / 2 }

  /// Rows of 32 words that a panel of the columns of weights to `outputCount` outputs takes.
  package static func weightColumnRows(_ outputCount: Int) -> Int { nk_weight_column_rows(outputCount) }
}

extension BFloat16Kernels {
  /// Rounds `rows` of float panels into rows and pairs; see `nk_bf16_pack`.
  ///
  /// - Precondition: `rows` begins at an even feature and ends at one, or at the last.
  package func pack(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, values: UnsafePointer<Float>,
    valueRows: UnsafeMutablePointer<UInt16>?, valuePairs: UnsafeMutablePointer<UInt32>?
  ) {
    var arguments = nk_bf16_pack(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count, values: values,
      value_rows: valueRows, value_pairs: valuePairs)
    table.pack(&arguments)
  }

  /// Rounds the outputs `rows` of one panel of weights into rows and columns; see `nk_bf16_pack_weights`.
  ///
  /// - Precondition: `rows` begins at an even output and ends at one, or at the last.
  package func packWeights(
    outputCount: Int, rows: Range<Int>, weights: UnsafePointer<Float>, weightRows: UnsafeMutablePointer<UInt16>,
    weightColumns: UnsafeMutablePointer<UInt32>
  ) {
    var arguments = nk_bf16_pack_weights(
      outputs: outputCount, first_row: rows.lowerBound, rows: rows.count, weights: weights, weight_rows: weightRows,
      weight_columns: weightColumns)
    table.pack_weights(&arguments)
  }

  /// Copies pairs of features into pairs of samples, the whole panels `rows`; see `nk_bf16_transpose`.
  package func transpose(
    sampleCount: Int, featureCount: Int, rows: Range<Int>, firstSample: Int, capacity: Int,
    pairs: UnsafePointer<UInt32>,
    samplePairs: UnsafeMutablePointer<UInt32>
  ) {
    var arguments = nk_bf16_transpose(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count,
      first_sample: firstSample, capacity: capacity, pairs: pairs, sample_pairs: samplePairs)
    table.transpose(&arguments)
  }

  /// Gathers and scales data set rows, the whole panels `rows`, into pairs of features and of samples; see
  /// `nk_bf16_gather`.
  package func gather(
    sampleCount: Int, source: GatherSource, rows: Range<Int>, indices: UnsafePointer<UInt32>, firstSample: Int,
    capacity: Int,
    pairs: UnsafeMutablePointer<UInt32>, samplePairs: UnsafeMutablePointer<UInt32>
  ) {
    var arguments = nk_bf16_gather(
      source: nk_gather(
        samples: sampleCount, features: source.featureCount, first_row: rows.lowerBound, rows: rows.count,
        first_sample: firstSample, capacity: capacity, element: nk_element(source.element.rawValue), data: source.data,
        indices: indices, scale: source.scale, shift: source.shift, panels: nil, transposed: nil),
      pairs: pairs, sample_pairs: samplePairs)
    table.gather(&arguments)
  }
}
