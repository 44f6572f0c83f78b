extension NumberArray {
  /// Reads an array from an IDX file, a NumPy file, plain or with gzip, or one of an archive's, `FILE.npz:NAME`.
  ///
  /// Bytes stay bytes, other whole numbers have 32 bits, all else becomes single precision.
  /// - Throws: ``TrainingDataError`` for what cannot be read, and for whole numbers beyond 32 bits.
  package init(reading path: String) throws(TrainingDataError) {
    if let place = ArchivedArrays(argument: path) {
      self = try NumberArray(place)
    } else if try FileStart(path: path).isNPY {
      self = try NPYReader(openByteSource(path), asSamples: false).readArray()
    } else {
      let reader = try IDXReader(path: path)
      switch try reader.readFeatures() {
      case .uint8(let bytes): self.init(shape: reader.header.dimensions, elements: .uint8(bytes.array))
      case .float32(let floats): self.init(shape: reader.header.dimensions, elements: .float32(floats.array))
      }
    }
  }
}

extension NumberArray {
  /// Reads the array of an archive that its features are said to be.
  ///
  /// - Precondition: it has a name (checked).
  /// - Throws: ``TrainingDataError`` as ``init(reading:)``.
  package init(_ place: ArchivedArrays) throws(TrainingDataError) {
    guard let name = place.features else { preconditionFailure("an array of an archive is known by its name") }
    self = try NPZArchive(path: place.file).open(name, asSamples: false).readArray()
  }
}

extension NPYReader {
  /// The whole array, in the nearest of the three types.
  func readArray() throws(TrainingDataError) -> NumberArray {
    switch header.elementType {
    case .bool, .uint8:
      NumberArray(shape: header.shape, elements: .uint8(try readFloats().array.map { UInt8($0) }))
    case .float16, .float32, .float64: NumberArray(shape: header.shape, elements: .float32(try readFloats().array))
    default: NumberArray(shape: header.shape, elements: .int32(try readWholeNumbers().array))
    }
  }
}

extension SampleStorage {
  fileprivate var array: [Element] { Array(UnsafeBufferPointer(start: baseAddress, count: count)) }
}
