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

  /// Asks for lines of a row that a later gather will read; a hint, without effect on any result.
  package func prefetch(lines: Range<Int>, ofRow row: UInt32) {
    let byteCount = rowByteCount, first = data + Int(row) &* byteCount
    for line in lines { nk_prefetch(first + min(line &* 64, byteCount &- 1)) }
  }

  private var rowByteCount: Int { featureCount * (element == .uint8 ? 1 : MemoryLayout<Float>.stride) }
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
}
