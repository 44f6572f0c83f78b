/// Reads one IDX file: the header at once, the elements when they are asked for.
///
/// Nothing is allocated for elements before the file is known to be able to hold them.
struct IDXReader {
  private static let pieceByteCount = 65_536

  let header: IDXHeader
  private let source: any ByteSource

  var path: String { source.path }

  /// Opens a file, plain or with gzip, and checks its header against its size.
  ///
  /// - Throws: ``TrainingDataError`` when the file can't be opened or its header can't be true.
  init(path: String) throws(TrainingDataError) {
    source = try openByteSource(path)
    header = try IDXHeader(from: source)
    guard header.fileByteCount <= source.byteCountLimit else {
      throw truncated(found: "at most \(source.byteCountLimit)")
    }
  }

  /// Reads the elements as features: bytes stay bytes, everything else becomes `Float`.
  ///
  /// - Throws: `.truncated`, `.surplusData`, `.corrupted`, `.valueNotFinite`, `.readFailed` or `.outOfMemory`.
  /// - Numerics: 32-bit integers and 64-bit floats are rounded to the nearest `Float`.
  func readFeatures() throws(TrainingDataError) -> FeatureStorage.Values {
    switch header.elementType {
    case .uint8: .uint8(try readBytes())
    case .int8: .float32(try readElements { (element: Int8) in Float(element) })
    case .int16: .float32(try readElements { (element: Int16) in Float(element) })
    case .int32: .float32(try readElements { (element: Int32) in Float(element) })
    case .float32: .float32(try readElements { (bits: UInt32) in Float(bitPattern: bits) })
    case .float64: .float32(try readElements { (bits: UInt64) in Float(Double(bitPattern: bits)) })
    }
  }

  /// The elements as features where they lie in the file, which must be bytes.
  ///
  /// - Throws: `.invalidArgument` for other elements; otherwise what mapping refuses.
  func mapFeatures() throws(TrainingDataError) -> FeatureStorage.Values {
    try .mapping(
      source, offset: header.byteCount, count: header.elementCount,
      element: header.elementType == .uint8 ? .uint8 : nil,
      description: "big-endian \(header.elementType)")
  }

  /// Reads the elements as class labels.
  ///
  /// - Throws: as ``readFeatures()``, and `.invalidHeader` when the elements aren't integers.
  func readLabels() throws(TrainingDataError) -> SampleStorage<Int32> {
    switch header.elementType {
    case .uint8: try readElements { (element: UInt8) in Int32(element) }
    case .int8: try readElements { (element: Int8) in Int32(element) }
    case .int16: try readElements { (element: Int16) in Int32(element) }
    case .int32: try readElements { (element: Int32) in element }
    case .float32, .float64:
      throw TrainingDataError(
        .invalidHeader, "\(path): expected labels of an integer type, got \(header.elementType)")
    }
  }

  /// Reads bytes to where they stay.
  private func readBytes() throws(TrainingDataError) -> SampleStorage<UInt8> {
    try SampleStorage(count: header.elementCount) { (bytes) throws(TrainingDataError) in
      try fill(UnsafeMutableRawBufferPointer(bytes), after: 0)
      try requireEnd()
    }
  }

  /// Reads big-endian elements piece by piece and converts them.
  private func readElements<Stored: FixedWidthInteger, Element: BitwiseCopyable>(
    _ convert: (Stored) -> Element
  ) throws(TrainingDataError) -> SampleStorage<Element> {
    try SampleStorage(count: header.elementCount) { (elements) throws(TrainingDataError) in
      let stride = MemoryLayout<Stored>.size
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceByteCount, alignment: 64)
      defer { piece.deallocate() }
      var convertedCount = 0
      while convertedCount < elements.count {
        let count = min(elements.count - convertedCount, Self.pieceByteCount / stride)
        try fill(UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * stride)]), after: convertedCount * stride)
        for position in 0..<count {
          let stored = Stored(bigEndian: piece.loadUnaligned(fromByteOffset: position * stride, as: Stored.self))
          elements.initializeElement(at: convertedCount + position, to: convert(stored))
        }
        convertedCount += count
      }
      try requireEnd()
    }
  }

  /// Fills the buffer with the next bytes, of which `elementByteCount` have been read already.
  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, after elementByteCount: Int
  ) throws(TrainingDataError) {
    let count = try source.read(into: buffer)
    guard count == buffer.count else {
      throw truncated(found: "\(header.byteCount + elementByteCount + count)")
    }
  }

  /// There must be no more than what was declared.
  private func requireEnd() throws(TrainingDataError) {
    guard try source.isAtEnd() else {
      throw TrainingDataError(
        .surplusData,
        "\(path): expected \(header.fileByteCount) bytes for \(header.dimensions.asShape) elements of type "
          + "\(header.elementType), got more")
    }
  }

  private func truncated(found: String) -> TrainingDataError {
    TrainingDataError(
      .truncated,
      "\(path): the file is cut short: expected \(header.fileByteCount) bytes for \(header.dimensions.asShape) "
        + "elements of type \(header.elementType), got \(found)",
      hint: "copy or download the file again")
  }
}
