/// What a NumPy array's file holds, plain or compressed with gzip: its header, and its elements looked at one by one.
public struct NPYContents: Sendable {
  /// The count along each dimension; the first one counts the samples.
  public let shape: [Int]
  /// The elements' type as NumPy calls it, with the order of its bytes, as in `<f4`.
  public let elementType: String
  /// Whether the first index runs fastest in the file.
  public let isFortran: Bool
  /// The elements' extremes and mean, each rounded to `Float`.
  public let statistics: ValueStatistics
  /// The first values of the first samples, as many as ``sampleLimit`` and ``valueLimit`` allow.
  public let firstSamples: [[Double]]

  /// Samples and values of each that ``firstSamples`` has at most.
  public static let sampleLimit = 3, valueLimit = 10

  /// Reads the whole file and checks it to the last byte.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, cut short or damaged, or holds no numbers.
  public init(path: String) throws(TrainingDataError) {
    let reader = try NPYReader(path: path), header = reader.header
    let values = try reader.readFloats()
    shape = header.shape
    isFortran = header.isFortran && header.shape.count > 1
    let order = header.elementType.byteCount == 1 ? "|" : header.isBigEndian ? ">" : "<"
    elementType = order + header.elementType.rawValue
    var statistics = ValueStatistics()
    for index in 0..<values.count { statistics.add(Double(values.baseAddress[index])) }
    self.statistics = statistics
    let width = reader.width
    firstSamples = (0..<min(Self.sampleLimit, reader.sampleCount)).map { sample in
      (0..<min(Self.valueLimit, width)).map { Double(values.baseAddress[sample * width + $0]) }
    }
  }
}
