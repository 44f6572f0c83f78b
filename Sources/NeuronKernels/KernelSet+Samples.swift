import CNeuronKernels

/// Element type of a data set's rows.
package enum ElementType: UInt32, Sendable {
  case uint8, float32
}

/// Where samples come from: rows of a data set and how they are scaled; all pointers are borrowed.
package struct GatherSource {
  package var data: UnsafeRawPointer
  package var element: ElementType
  package var featureCount: Int
  package var scale: UnsafePointer<Float>
  package var shift: UnsafePointer<Float>

  package init(
    data: UnsafeRawPointer, element: ElementType, featureCount: Int, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>
  ) {
    self.data = data
    self.element = element
    self.featureCount = featureCount
    self.scale = scale
    self.shift = shift
  }
}

extension GatherSource {
  /// Cache lines of a row, one more than it fills, since it may begin anywhere in the first.
  package var linesPerRow: Int { rowByteCount / 64 + 1 }

  /// Asks for a line of a row that a later gather will read; a hint, without effect on any result.
  package func prefetch(line: Int, ofRow row: UInt32) {
    nk_prefetch(data + Int(row) * rowByteCount + min(line * 64, rowByteCount - 1))
  }

  private var rowByteCount: Int { featureCount * (element == .uint8 ? 1 : MemoryLayout<Float>.stride) }
}

/// What a loss compares with: labels, target rows or both, picked by `indices`; see `nk_loss_head`.
package struct LossTargets {
  package var indices: UnsafePointer<UInt32>
  package var labels: UnsafePointer<UInt32>?
  package var targets: UnsafePointer<Float>?

  package init(
    indices: UnsafePointer<UInt32>, labels: UnsafePointer<UInt32>?, targets: UnsafePointer<Float>?
  ) {
    self.indices = indices
    self.labels = labels
    self.targets = targets
  }
}

/// Where a loss head leaves losses and hits: one slot for every half panel, so that shards of any size give the same sums.
package struct LossSlots {
  package var lossSums: UnsafeMutablePointer<Double>
  package var correctCounts: UnsafeMutablePointer<UInt32>

  package init(lossSums: UnsafeMutablePointer<Double>, correctCounts: UnsafeMutablePointer<UInt32>) {
    self.lossSums = lossSums
    self.correctCounts = correctCounts
  }

  /// The slots from the half panel of sample `sample`, a multiple of 16, on.
  package func advanced(toSample sample: Int) -> LossSlots {
    let slot = sample / PanelLayout.halfLaneCount
    return LossSlots(lossSums: lossSums + slot, correctCounts: correctCounts + slot)
  }
}

extension KernelSet {
  /// Copies activation panels into the transposed layout, all features or the whole panels `rows`; see `nk_transpose`.
  package func transpose(
    sampleCount: Int, featureCount: Int, rows: Range<Int>? = nil, firstSample: Int, capacity: Int,
    panels: UnsafePointer<Float>,
    transposed: UnsafeMutablePointer<Float>
  ) {
    let rows = rows ?? 0..<featureCount
    var arguments = nk_transpose(
      samples: sampleCount, features: featureCount, first_row: rows.lowerBound, rows: rows.count,
      first_sample: firstSample, capacity: capacity, panels: panels, transposed: transposed)
    table.transpose(&arguments)
  }

  /// Gathers and scales data set rows, all features or the whole panels `rows`, into both layouts; see `nk_gather`.
  package func gather(
    sampleCount: Int, source: GatherSource, rows: Range<Int>? = nil, indices: UnsafePointer<UInt32>, firstSample: Int,
    capacity: Int, panels: UnsafeMutablePointer<Float>, transposed: UnsafeMutablePointer<Float>
  ) {
    let rows = rows ?? 0..<source.featureCount
    var arguments = nk_gather(
      samples: sampleCount, features: source.featureCount, first_row: rows.lowerBound, rows: rows.count,
      first_sample: firstSample, capacity: capacity, element: nk_element(source.element.rawValue), data: source.data,
      indices: indices, scale: source.scale,
      shift: source.shift, panels: panels, transposed: transposed)
    table.gather(&arguments)
  }

  /// Softmax with categorical cross-entropy: logits in, probabilities, loss and gradient out; see `nk_loss_head`.
  package func softmaxCrossEntropy(
    sampleCount: Int, outputCount: Int, targets: LossTargets, gradientScale: Float,
    values: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>?, slots: LossSlots
  ) {
    var arguments = lossHead(sampleCount, outputCount, targets, gradientScale, values, gradient, slots)
    table.softmax_cross_entropy(&arguments)
  }

  /// Mean squared error of the outputs, its gradient and the hits; see `nk_loss_head`.
  package func meanSquaredError(
    sampleCount: Int, outputCount: Int, targets: LossTargets, gradientScale: Float,
    values: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>?, slots: LossSlots
  ) {
    var arguments = lossHead(sampleCount, outputCount, targets, gradientScale, values, gradient, slots)
    table.mean_squared_error(&arguments)
  }

  private func lossHead(
    _ sampleCount: Int, _ outputCount: Int, _ targets: LossTargets, _ gradientScale: Float,
    _ values: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>?, _ slots: LossSlots
  ) -> nk_loss_head {
    nk_loss_head(
      samples: sampleCount, outputs: outputCount, indices: targets.indices, labels: targets.labels,
      targets: targets.targets, gradient_scale: gradientScale, values: values, gradient: gradient,
      loss_sums: slots.lossSums, correct_counts: slots.correctCounts)
  }
}
