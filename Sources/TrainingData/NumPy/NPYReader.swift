/// Reads one `.npy` file: the header at once, the elements when they are asked for.
///
/// Nothing is allocated for elements before the file is known to be able to hold them.
struct NPYReader {
  let header: NPYHeader
  private let source: any ByteSource
  private static let pieceByteCount = 65_536

  var path: String { source.path }

  /// Opens a file, plain or with gzip, and checks its header against its size.
  init(path: String) throws(TrainingDataError) {
    try self.init(openByteSource(path))
  }

  /// Reads the header from the start of a file, an archive's member for one, and checks it against the bytes there are.
  init(_ source: any ByteSource, asSamples: Bool = true) throws(TrainingDataError) {
    self.source = source
    header = try NPYHeader(from: source, asSamples: asSamples)
    guard header.fileByteCount <= source.byteCountLimit else { throw truncated("at most \(source.byteCountLimit)") }
  }

  /// How many samples there are: the first dimension.
  var sampleCount: Int { header.shape[0] }
  /// How many values a sample has: the product of the others.
  var width: Int { header.elementCount / header.shape[0] }
  /// The shape of one sample; [1] for an array of one dimension.
  var sampleShape: [Int] { header.shape.count == 1 ? [1] : Array(header.shape.dropFirst()) }

  /// The elements as features, row-major: bytes stay bytes, everything else becomes `Float`.
  ///
  /// - Numerics: 64-bit floats and whole numbers of 32 bits and more are rounded to the nearest `Float`.
  func readFeatures() throws(TrainingDataError) -> FeatureStorage.Values {
    if header.elementType == .uint8 { return .uint8(try read(UInt8.self) { (element: UInt8) in element }) }
    return .float32(try readFloats())
  }

  /// The elements as features where they lie in the file: bytes, or floats as this machine stores them.
  ///
  /// - Throws: `.invalidArgument` for elements that would have to be converted; otherwise what mapping refuses.
  func mapFeatures() throws(TrainingDataError) -> FeatureStorage.Values {
    let isInPlace = !header.isBigEndian && (!header.isFortran || header.shape.count == 1)
    let element: FeatureStorage.ElementType? =
      switch header.elementType {
      case .uint8: .uint8
      case .float32: .float32
      default: nil
      }
    return try .mapping(
      source, offset: header.byteCount, count: header.elementCount, element: isInPlace ? element : nil,
      description: header.typeDescription + (header.isFortran ? " column by column" : ""))
  }

  func readFloats() throws(TrainingDataError) -> SampleStorage<Float> {
    switch header.elementType {
    case .bool, .uint8: try read(UInt8.self) { Float($0) }
    case .uint16: try read(UInt16.self) { Float($0) }
    case .uint32: try read(UInt32.self) { Float($0) }
    case .uint64: try read(UInt64.self) { Float($0) }
    case .int8: try read(UInt8.self) { Float(Int8(bitPattern: $0)) }
    case .int16: try read(UInt16.self) { Float(Int16(bitPattern: $0)) }
    case .int32: try read(UInt32.self) { Float(Int32(bitPattern: $0)) }
    case .int64: try read(UInt64.self) { Float(Int64(bitPattern: $0)) }
    case .float16: try read(UInt16.self) { Self.float(half: $0) }
    case .float32: try read(UInt32.self) { Float(bitPattern: $0) }
    case .float64: try read(UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }

  /// The elements as class labels.
  ///
  /// - Throws: `.labelOutOfRange` at the first one beyond 32 bits; otherwise as ``readFeatures()``, and `.invalidHeader` for
  ///   elements that are no labels.
  func readLabels() throws(TrainingDataError) -> SampleStorage<Int32> {
    guard header.elementType.isWhole, width == 1 else {
      throw TrainingDataError(
        .invalidHeader,
        "\(path): expected one label of an integer type for each sample, got \(header.elementType.rawValue) of shape "
          + "\(header.shape)",
        hint: header.elementType.isWhole ? nil : "convert it with .astype('int64')")
    }
    var sample = 0, stranger: (label: String, sample: Int)?
    func label(_ value: some FixedWidthInteger) -> Int32 {
      defer { sample += 1 }
      if let label = Int32(exactly: value) { return label }
      if stranger == nil { stranger = ("\(value)", sample) }
      return 0
    }
    let labels: SampleStorage<Int32> =
      switch header.elementType {
      case .bool, .uint8: try read(UInt8.self) { Int32($0) }
      case .uint16: try read(UInt16.self) { Int32($0) }
      case .uint32: try read(UInt32.self) { label($0) }
      case .int8: try read(UInt8.self) { Int32(Int8(bitPattern: $0)) }
      case .int16: try read(UInt16.self) { Int32(Int16(bitPattern: $0)) }
      case .int32: try read(UInt32.self) { Int32(bitPattern: $0) }
      case .int64: try read(UInt64.self) { label(Int64(bitPattern: $0)) }
      default: try read(UInt64.self) { label($0) }
      }
    if let stranger {
      throw TrainingDataError(
        .labelOutOfRange,
        "\(path): label \(stranger.label) of sample \(stranger.sample) is out of range, expected a class of 32 bits",
        hint: "labels count from 0")
    }
    return labels
  }

  /// The elements as whole numbers of 32 bits.
  ///
  /// - Throws: `.invalidHeader` at the first one that has more; otherwise as ``readFeatures()``.
  func readWholeNumbers() throws(TrainingDataError) -> SampleStorage<Int32> {
    var strangers = 0
    func narrowed(_ value: some FixedWidthInteger) -> Int32 {
      if let number = Int32(exactly: value) { return number }
      strangers += 1
      return 0
    }
    let numbers: SampleStorage<Int32> =
      switch header.elementType {
      case .int8: try read(UInt8.self) { Int32(Int8(bitPattern: $0)) }
      case .int16: try read(UInt16.self) { Int32(Int16(bitPattern: $0)) }
      case .int32: try read(UInt32.self) { Int32(bitPattern: $0) }
      case .int64: try read(UInt64.self) { narrowed(Int64(bitPattern: $0)) }
      case .uint16: try read(UInt16.self) { Int32($0) }
      case .uint32: try read(UInt32.self) { narrowed($0) }
      default: try read(UInt64.self) { narrowed($0) }
      }
    guard strangers == 0 else {
      throw TrainingDataError(
        .invalidHeader, "\(path): expected whole numbers of 32 bits, got \(strangers) that have more",
        hint: "convert it with .astype('int32') or .astype('float32')")
    }
    return numbers
  }

  /// Reads elements piece by piece to where they belong in rows.
  private func read<Stored: FixedWidthInteger & UnsignedInteger, Element: BitwiseCopyable>(
    _ stored: Stored.Type, _ convert: (Stored) -> Element
  ) throws(TrainingDataError) -> SampleStorage<Element> {
    try SampleStorage(count: header.elementCount) { (elements) throws(TrainingDataError) in
      let stride = MemoryLayout<Stored>.size
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceByteCount, alignment: 64)
      defer { piece.deallocate() }
      var place = RowMajorPlace(header)
      var done = 0
      while done < elements.count {
        let count = min(elements.count - done, Self.pieceByteCount / stride)
        let found = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * stride)]))
        guard found == count * stride else { throw truncated("\(header.byteCount + done * stride + found)") }
        for position in 0..<count {
          let bits = piece.loadUnaligned(fromByteOffset: position * stride, as: Stored.self)
          let element = convert(header.isBigEndian ? Stored(bigEndian: bits) : Stored(littleEndian: bits))
          elements.initializeElement(at: place.position, to: element)
          place.advance()
        }
        done += count
      }
      try requireEnd()
    }
  }

  /// There must be no more than what was declared.
  private func requireEnd() throws(TrainingDataError) {
    guard try source.isAtEnd() else {
      throw TrainingDataError(
        .surplusData, "\(path): expected \(header.fileByteCount) bytes for an array of shape \(header.shape), got more",
        hint: "several arrays in one file are not read")
    }
  }

  private func truncated(_ found: String) -> TrainingDataError {
    TrainingDataError(
      .truncated,
      "\(path): the file is cut short: expected \(header.fileByteCount) bytes for an array of shape \(header.shape), got "
        + found, hint: "copy or download the file again")
  }

  /// The value of a number of sixteen bits; each is a `Float` too.
  private static func float(half bits: UInt16) -> Float {
    let sign: UInt32 = UInt32(bits & 0x8000) << 16, exponent = Int(bits >> 10 & 31), fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    default: return Float(bitPattern: sign | UInt32(exponent + 112) << 23 | fraction << 13)
    }
  }
}

/// Where the next element of a file belongs in an array whose last index runs fastest.
private struct RowMajorPlace {
  private(set) var position = 0
  private let isFortran: Bool
  private let shape: [Int]
  private let strides: [Int]
  private var index: [Int]

  init(_ header: NPYHeader) {
    isFortran = header.isFortran && header.shape.count > 1
    shape = header.shape
    index = [Int](repeating: 0, count: shape.count)
    var strides = index, stride = 1
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    self.strides = strides
  }

  @inline(__always)
  mutating func advance() {
    if isFortran { advanceFirstIndexFirst() } else { position += 1 }
  }

  private mutating func advanceFirstIndexFirst() {
    for axis in shape.indices {
      index[axis] += 1
      position += strides[axis]
      if index[axis] < shape[axis] { return }
      position -= shape[axis] * strides[axis]
      index[axis] = 0
    }
  }
}
