import NeuronKernels
import TrainingData

/// Rows to answer for, wherever they lie; all pointers are borrowed.
struct PredictionInput: @unchecked Sendable {
  let data: UnsafeRawPointer
  let element: ElementType
  let rowCount: Int
  /// Which rows, in which order; nil for all of them as they come.
  let indices: UnsafePointer<UInt32>?
  /// Rows from here on may not be read past their end, as the gather of panels does; it gets a copy of them.
  let firstUnpaddedRow: Int

  /// Row-major floats of the caller's, which end where they end.
  init(_ values: UnsafePointer<Float>, rowCount: Int, featureCount: Int) {
    data = UnsafeRawPointer(values)
    element = .float32
    self.rowCount = rowCount
    indices = nil
    let rowsInTail = (Self.gatherTail + featureCount - 1) / featureCount
    firstUnpaddedRow = max(0, rowCount - rowsInTail)
  }

  /// Rows of a data set, which may be read a little past their end.
  init(_ features: FeatureStorage, rowCount: Int, indices: UnsafePointer<UInt32>?) {
    data = features.baseAddress
    element = features.elementType == .uint8 ? .uint8 : .float32
    self.rowCount = rowCount
    self.indices = indices
    firstUnpaddedRow = rowCount
  }

  /// A run of rows, which may be read a little past their end.
  init(_ features: FeatureStorage, rows: Range<Int>) {
    let bytesInRow = features.byteCount / features.sampleCount
    data = features.baseAddress + rows.lowerBound * bytesInRow
    element = features.elementType == .uint8 ? .uint8 : .float32
    rowCount = rows.count
    indices = nil
    firstUnpaddedRow = rowCount
  }

  /// Floats that a gather may read past the end of a row.
  private static let gatherTail = 16

  /// Where row `row` of rows in order begins.
  func address(ofRow row: Int, featureCount: Int) -> UnsafeRawPointer {
    data + row * featureCount * (element == .uint8 ? 1 : MemoryLayout<Float>.stride)
  }
}

/// Where answers go, one for each row; all pointers are borrowed.
enum PredictionOutput: @unchecked Sendable {
  /// The network's outputs, row-major.
  case values(UnsafeMutablePointer<Float>)
  /// The number of the largest output, or on which side of the threshold a single one is.
  case classes(UnsafeMutablePointer<Int>, threshold: Float)
  /// Loss and hits, a slot for each half panel of rows.
  case evaluation(LossTargets, LossSlots)

  var isEvaluation: Bool { if case .evaluation = self { true } else { false } }

  /// Takes the outputs of `count` rows, `first` the first of them, out of panels.
  func take(fromPanels panels: UnsafePointer<Float>, rows first: Int, count: Int, outputCount: Int) {
    for row in 0..<count {
      let place = PanelLayout.activationIndex(sample: row, feature: 0, featureCount: outputCount)
      take(panels + place, stride: PanelLayout.laneCount, row: first + row, outputCount: outputCount)
    }
  }

  /// Takes one row's outputs, each `stride` floats from the next.
  func take(_ values: UnsafePointer<Float>, stride: Int, row: Int, outputCount: Int) {
    switch self {
    case .values(let rows):
      let row = rows + row * outputCount
      for output in 0..<outputCount { row[output] = values[output * stride] }
    case .classes(let classes, let threshold):
      classes[row] =
        outputCount == 1
        ? (values[0] > threshold ? 1 : 0) : Self.largest(values, stride: stride, outputCount: outputCount)
    case .evaluation:
      return
    }
  }

  /// The first of the largest, as the count of hits chooses.
  private static func largest(_ values: UnsafePointer<Float>, stride: Int, outputCount: Int) -> Int {
    var best = 0
    for output in 1..<max(1, outputCount) where values[output * stride] > values[best * stride] { best = output }
    return best
  }
}
