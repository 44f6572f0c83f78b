import Testing
import TrainingData

/// Writes pairs of IDX files for tests to read.
enum IDXFixture {
  /// An IDX file: a header with the given type code and dimensions, then the elements.
  static func file(type: UInt8, dimensions: [UInt32], elements: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(dimensions.count)] + dimensions.flatMap(bigEndian) + elements
  }

  /// The bytes of an integer, the highest first.
  static func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// Five images of 2×3 pixels, which count up from 0, and their labels 0, 1, 2, 0, 1.
  static let images = file(type: 0x08, dimensions: [5, 2, 3], elements: (0..<30).map { UInt8($0) })
  static let labels = file(type: 0x08, dimensions: [5], elements: [0, 1, 2, 0, 1])
}

extension TemporaryFolder {
  /// Reads a pair of files with the given contents.
  func read(images: [UInt8] = IDXFixture.images, labels: [UInt8] = IDXFixture.labels) throws -> Dataset {
    try Dataset.idx(images: write(images, to: "images"), labels: write(labels, to: "labels"))
  }
}

extension Dataset {
  /// Every feature as a `Float`, row-major.
  var allFeatures: [Float] {
    (0..<sampleCount).flatMap { sample in (0..<featureCount).map { features[sample: sample, feature: $0] } }
  }

  /// Every label; empty for a regression set.
  var allLabels: [Int] {
    guard case .classes(_, let labels) = targets else { return [] }
    return (0..<sampleCount).map { labels[$0] }
  }
}

/// The error that an expression throws; records an issue when it throws none.
func dataError(
  sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> Void
) -> TrainingDataError? {
  #expect(throws: TrainingDataError.self, sourceLocation: sourceLocation, performing: body)
}
