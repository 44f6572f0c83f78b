/// The beginning of an IDX file: what its elements are and how many there are along each dimension.
///
///     00 00 <type> <number of dimensions>   then one big-endian 32-bit count for each dimension
///
/// - Source: LeCun, Cortes, Burges, The MNIST database of handwritten digits, "The IDX file format".
struct IDXHeader: Equatable {
  /// How an element is stored, always big-endian; the raw value is the code in the file.
  enum ElementType: UInt8, CaseIterable {
    case uint8 = 0x08
    case int8 = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// No data set has more; a file that claims so is damaged.
  private static let dimensionLimit = 8

  let elementType: ElementType
  /// The count along each dimension, all positive; the first one counts the samples.
  let dimensions: [Int]
  /// The product of the dimensions.
  let elementCount: Int

  var sampleCount: Int { dimensions[0] }
  /// The shape of one sample; [1] for a file with a single dimension.
  var sampleShape: [Int] { dimensions.count > 1 ? Array(dimensions[1...]) : [1] }
  /// How many bytes precede the elements.
  var byteCount: Int { 4 + 4 * dimensions.count }
  /// How many bytes header and elements take together.
  var fileByteCount: Int { byteCount + elementCount * elementType.byteCount }

  /// Reads a header and refuses whatever could not be followed by so much data.
  ///
  /// - Throws: `.truncated`, `.unrecognizedFormat`, `.invalidHeader` or `.emptyDataset`.
  init(from source: some ByteSource) throws(TrainingDataError) {
    let start = try source.readHeaderBytes(4)
    guard start[0] == 0, start[1] == 0, let elementType = ElementType(rawValue: start[2]) else {
      throw TrainingDataError(
        .unrecognizedFormat,
        "\(source.path): not an IDX file: expected it to start with 00 00 and a type of 08, 09, 0b, 0c, 0d or 0e, "
          + "got \(start.hexadecimal)",
        hint: "IDX is the format of the MNIST files, plain or with gzip")
    }
    let dimensionCount = Int(start[3])
    guard 1...Self.dimensionLimit ~= dimensionCount else {
      throw TrainingDataError(
        .invalidHeader, "\(source.path): expected 1 to \(Self.dimensionLimit) dimensions, got \(dimensionCount)")
    }
    let counts = try source.readHeaderBytes(4 * dimensionCount)
    self.elementType = elementType
    dimensions = (0..<dimensionCount).map { counts.bigEndianCount(at: 4 * $0) }
    elementCount = try Self.elementCount(of: dimensions, elementType: elementType, path: source.path)
  }

  private static func elementCount(
    of dimensions: [Int], elementType: ElementType, path: String
  ) throws(TrainingDataError) -> Int {
    guard !dimensions.contains(0) else {
      throw TrainingDataError(
        .emptyDataset, "\(path): the file is empty: expected at least one element, got \(dimensions.asShape)")
    }
    // Room for the widest element and the header, so that no later sum of bytes overflows.
    guard let elementCount = dimensions.checkedProduct(), elementCount <= Int.max / 16 else {
      throw TrainingDataError(
        .invalidHeader, "\(path): the header declares more elements than can be counted, \(dimensions.asShape)")
    }
    return elementCount
  }
}

extension ByteSource {
  fileprivate func readHeaderBytes(_ count: Int) throws(TrainingDataError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let readCount = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(TrainingDataError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard readCount == count else {
      throw TrainingDataError(
        .truncated, "\(path): the file ends inside its IDX header: expected \(count) bytes more, got \(readCount)")
    }
    return bytes
  }
}

extension [UInt8] {
  fileprivate func bigEndianCount(at offset: Int) -> Int {
    self[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
  }

  fileprivate var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}

extension [Int] {
  /// The numbers as one writes a shape, such as 60000×28×28.
  var asShape: String { map(String.init).joined(separator: "×") }
}
