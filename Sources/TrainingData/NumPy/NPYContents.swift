/// What a `.npy` file or an archive of them (`.npz`) holds: headers, and the elements looked at one by one.
public struct NPYContents: Sendable {
  /// One array.
  public struct Array: Sendable {
    /// Its name in the archive; nil for a file of its own.
    public let name: String?
    /// The type of its elements as NumPy calls it, such as `<f4`.
    public let elementType: String
    /// The dimensions; none for a single number.
    public let shape: [Int]
    /// The elements' extremes and mean.
    public let statistics: ValueStatistics
    /// The first elements, row by row.
    public let firstElements: [Float]
  }

  /// The arrays in the order of the file.
  public let arrays: [Array]

  private static let firstCount = 10

  /// Reads the whole file and checks it to the last byte.
  ///
  /// - Throws: ``TrainingDataError`` for a file that is missing, unreadable, cut short, damaged or hostile, or that holds
  ///   something else than numbers.
  public init(path: String) throws(TrainingDataError) {
    guard try NPZArchive.isArchive(path) else {
      arrays = [try Self.array(NPYReader(openByteSource(path), asSamples: false), name: nil)]
      return
    }
    let archive = try NPZArchive(path: path)
    arrays = try archive.names.map { (name) throws(TrainingDataError) in
      try Self.array(archive.open(name, asSamples: false), name: name)
    }
  }

  private static func array(_ reader: NPYReader, name: String?) throws(TrainingDataError) -> Array {
    let values = try reader.readFloats()
    return Array(
      name: name, elementType: reader.header.typeDescription, shape: reader.header.shape,
      statistics: ValueStatistics((0..<values.count).lazy.map { Double(values[$0]) }),
      firstElements: (0..<min(firstCount, values.count)).map { values[$0] })
  }
}
