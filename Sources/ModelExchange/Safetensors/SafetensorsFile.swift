import NeuronKernels

/// A safetensors file in memory.
struct SafetensorsFile {
  /// Bytes of the largest header that is read: a million tensors would need more.
  static let headerByteLimit = 8 << 20

  let path: String
  let header: SafetensorsHeader
  private let data: AlignedStorage
  private let dataByteCount: Int

  /// What follows the header; valid while this value lives.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data.baseAddress, count: dataByteCount) }

  /// Reads the file; memory for the tensors is taken when the header has proved true.
  ///
  /// - Throws: ``ModelExchangeError`` for a file that is missing, unreadable, cut short or damaged.
  init(path: String) throws(ModelExchangeError) {
    let file = try ModelFile(path)
    guard file.byteCount >= 8 else {
      throw .damaged(path, "a safetensors file has 8 bytes at least, but this one has \(file.byteCount)")
    }
    let length = try file.read(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.headerByteLimit else {
      throw .damaged(
        path, "the header claims \(length) bytes, beyond the limit of \(Self.headerByteLimit)",
        hint: "is it a safetensors file?")
    }
    let dataByteCount = file.byteCount - 8 - Int(length)
    guard dataByteCount >= 0 else {
      throw .damaged(
        path, "the header claims \(length) bytes, but the file has only \(file.byteCount - 8) after its length",
        hint: "the file is cut short; copy it again")
    }
    header = try SafetensorsHeader(file.readJSON(Int(length)), dataByteCount: dataByteCount)
    do {
      data = try AlignedStorage(byteCount: dataByteCount)
    } catch {
      throw ModelExchangeError(error)
    }
    try file.read(into: UnsafeMutableRawBufferPointer(start: data.baseAddress, count: dataByteCount))
    self.path = path
    self.dataByteCount = dataByteCount
  }

  /// Refuses a tensor that is missing, or not of singles in the given shape.
  @discardableResult
  func require(_ name: String, shape: [Int]) throws(ModelExchangeError) -> SafetensorsHeader.Tensor {
    guard let tensor = header.tensors.first(where: { $0.name == name }) else {
      throw .damaged(path, "the tensor \(name) is missing")
    }
    guard tensor.elementType == "F32" else {
      throw ModelExchangeError(
        code: .unsupported, message: "\(path): \(name) must be of type F32, but is \(tensor.elementType)")
    }
    guard tensor.shape == shape else {
      throw .damaged(path, "\(name) must have the shape \(shape), but has \(tensor.shape)")
    }
    return tensor
  }

  /// The values of a tensor of singles in the given shape.
  func floats(_ name: String, shape: [Int]) throws(ModelExchangeError) -> [Float] {
    let bytes = try require(name, shape: shape).bytes
    return (0..<bytes.count / 4).map { Float(bitPattern: word(atByte: bytes.lowerBound + $0 * 4)) }
  }

  /// A little-endian word of the data.
  ///
  /// - Precondition: it lies inside.
  func word<Bits: FixedWidthInteger>(atByte offset: Int) -> Bits {
    Bits(littleEndian: data.baseAddress.loadUnaligned(fromByteOffset: offset, as: Bits.self))
  }
}
