import TrainingData
import TrainingRuntime

/// What a safetensors file holds, ours or another program's.
public struct SafetensorsContents: Sendable {
  /// One tensor.
  public struct Tensor: Sendable {
    /// Its name.
    public let name: String
    /// The type of its elements as the format calls it, such as `F32`.
    public let elementType: String
    /// Its dimensions; none for a single number.
    public let shape: [Int]
    /// The bytes of its elements.
    public let byteCount: Int
    /// Its elements' extremes and mean; nil for types that are not looked into.
    public let statistics: ValueStatistics?
  }

  /// The tensors in the order of their bytes.
  public let tensors: [Tensor]
  /// What the file's author says of it.
  public let metadata: [(key: String, value: String)]

  /// Reads the whole file; every byte of it must belong to one tensor, and the weights of a model must be those that its
  /// metadata has the digest of.
  ///
  /// - Throws: ``ModelExchangeError`` for a file that is missing, unreadable, cut short or damaged.
  public init(path: String) throws(ModelExchangeError) {
    let file = try SafetensorsFile(path: path)
    metadata = file.header.metadata
    try file.requireOwnDigest()
    tensors = file.header.tensors.map { tensor in
      Tensor(
        name: tensor.name, elementType: tensor.elementType, shape: tensor.shape, byteCount: tensor.bytes.count,
        statistics: file.values(of: tensor).map { ValueStatistics($0) })
    }
  }
}

extension SafetensorsFile {
  /// Refuses a model's weights that are not those that were written; other programs' files have no digest.
  ///
  /// Tensors lie in the order in which a model's parameters are digested.
  fileprivate func requireOwnDigest() throws(ModelExchangeError) {
    guard header.metadata.contains(where: { $0.key == "format" && $0.value == ModelDescription.format }),
      let expected = header.metadata.first(where: { $0.key == "weights_sha256" })?.value
    else { return }
    let found = SHA256.hexadecimal(SHA256.digest(bytes))
    guard found != expected else { return }
    throw .damaged(
      path,
      "the weights have the SHA-256 \(found.prefix(12))…, but those that were written had \(expected.prefix(12))…",
      hint: "the file was damaged or changed; copy it again")
  }

  /// A tensor's elements one after the other; nil for types other than floating point.
  func values(of tensor: SafetensorsHeader.Tensor) -> AnySequence<Double>? {
    func elements<Bits: FixedWidthInteger>(_ convert: @escaping (Bits) -> Double) -> AnySequence<Double> {
      let size = MemoryLayout<Bits>.size
      return AnySequence(
        (0..<tensor.bytes.count / size).lazy.map { convert(word(atByte: tensor.bytes.lowerBound + $0 * size)) })
    }
    return switch tensor.elementType {
    case "F32": elements { (bits: UInt32) in Double(Float(bitPattern: bits)) }
    case "F64": elements { (bits: UInt64) in Double(bitPattern: bits) }
    case "BF16": elements { (bits: UInt16) in Double(Float(bitPattern: UInt32(bits) << 16)) }
    case "F16": elements(Self.half)
    default: nil
    }
  }

  /// A tensor's elements where they are whole numbers of 32 or 64 bits.
  func integers(of tensor: SafetensorsHeader.Tensor) -> [Int64] {
    guard tensor.elementType == "I64" else {
      return (0..<tensor.bytes.count / 4).map { Int64(word(atByte: tensor.bytes.lowerBound + $0 * 4) as Int32) }
    }
    return (0..<tensor.bytes.count / 8).map { word(atByte: tensor.bytes.lowerBound + $0 * 8) }
  }

  /// An IEEE half by its bits; `Float16` does not exist on every processor.
  private static func half(_ bits: UInt16) -> Double {
    let exponent = Int(bits >> 10 & 31), fraction = Double(bits & 1023)
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: (1 + fraction * 0x1p-10) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits >> 15 == 1 ? -magnitude : magnitude
  }
}
