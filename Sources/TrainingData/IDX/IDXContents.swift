/// What an IDX file holds, plain or compressed with gzip: its header, and its elements looked at one by one.
public struct IDXContents: Sendable {
  /// The count along each dimension; the first one counts the samples.
  public let dimensions: [Int]
  /// The name of the elements' type, as in `uint8`.
  public let elementType: String
  /// The elements' extremes and mean.
  public let statistics: ValueStatistics
  /// How many labels of each value there are, from the smallest on; nil where the elements are no labels.
  public let labelCounts: [(label: Int, count: Int)]?
  /// The first values of the first samples, as many as `sampleLimit` and `valueLimit` allow.
  public let firstSamples: [[Double]]

  /// Samples and values of each that ``firstSamples`` has at most.
  public static let sampleLimit = 3, valueLimit = 10
  /// Different labels beyond which a file of one dimension is no list of labels.
  private static let labelLimit = 1000

  /// Reads the whole file and checks it to the last byte.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, cut short, damaged or empty.
  public init(path: String) throws(TrainingDataError) {
    let reader = try IDXReader(path: path), header = reader.header
    switch try reader.readFeatures() {
    case .uint8(let bytes):
      self.init(header) { Double(bytes.baseAddress[$0]) }
    case .float32(let floats):
      self.init(header) { Double(floats.baseAddress[$0]) }
    }
  }

  private init(_ header: IDXHeader, value: (Int) -> Double) {
    dimensions = header.dimensions
    elementType = "\(header.elementType)"
    var statistics = ValueStatistics(), counts: [Int: Int] = [:]
    let mayBeLabels = header.dimensions.count == 1
    for index in 0..<header.elementCount {
      let value = value(index)
      statistics.add(value)
      if mayBeLabels, counts.count <= Self.labelLimit, let label = Int(exactly: value) {
        counts[label, default: 0] += 1
      }
    }
    self.statistics = statistics
    let isLabels = mayBeLabels && counts.count <= Self.labelLimit && counts.values.reduce(0, +) == header.elementCount
    labelCounts = isLabels ? counts.sorted { $0.key < $1.key }.map { (label: $0.key, count: $0.value) } : nil
    let width = header.elementCount / header.sampleCount
    firstSamples = (0..<min(Self.sampleLimit, header.sampleCount)).map { sample in
      (0..<min(Self.valueLimit, width)).map { value(sample * width + $0) }
    }
  }
}
