/// What a `.npy` file declares: the type of its elements, their order and the shape of the array.
///
/// - Source: NumPy, `numpy/lib/_format_impl.py`, versions 1.0, 2.0 and 3.0 of the format.
struct NPYHeader: Equatable {
  /// How an element is stored.
  enum ElementType: String, CaseIterable {
    case bool = "b1"
    case uint8 = "u1", uint16 = "u2", uint32 = "u4", uint64 = "u8"
    case int8 = "i1", int16 = "i2", int32 = "i4", int64 = "i8"
    case float16 = "f2", float32 = "f4", float64 = "f8"

    var byteCount: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }

    /// Whether elements can be classes.
    var isWhole: Bool { !rawValue.hasPrefix("f") }
  }

  let elementType: ElementType
  let isBigEndian: Bool
  /// Whether the first index runs fastest.
  let isFortran: Bool
  let shape: [Int]
  /// Where the elements begin.
  let byteCount: Int

  /// What NumPy calls the type, as in `<f4`.
  var typeDescription: String {
    (elementType.byteCount == 1 ? "|" : isBigEndian ? ">" : "<") + elementType.rawValue
  }
  /// How many elements there are; no overflow, for the shape was checked.
  var elementCount: Int { shape.reduce(1, *) }
  /// How many bytes a file of this header has.
  var fileByteCount: Int { byteCount + elementCount * elementType.byteCount }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy itself reads no more than 10,000 bytes unless it is told to.
  private static let headerLimit = 65_536

  /// Reads the header and leaves the source at the first element.
  ///
  /// - Parameter asSamples: whether the first dimension must be there and count something; otherwise the array may also be a
  ///   single number or have no elements.
  /// - Throws: ``TrainingDataError`` `.unrecognizedFormat`, `.truncated` or `.invalidHeader`.
  init(from source: any ByteSource, asSamples: Bool = true) throws(TrainingDataError) {
    let path = source.path
    let start = try Self.read(8, from: source, isMagic: true)
    guard start.starts(with: Self.magic) else {
      throw TrainingDataError(.unrecognizedFormat, "\(path): expected a NumPy array (.npy), got other bytes")
    }
    let version = start[6]
    guard (1...3).contains(version), start[7] == 0 else {
      throw TrainingDataError(
        .invalidHeader, "\(path): expected version 1.0, 2.0 or 3.0 of the .npy format, got \(version).\(start[7])")
    }
    let lengthBytes = try Self.read(version == 1 ? 2 : 4, from: source)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.headerLimit else {
      throw TrainingDataError(
        .invalidHeader, "\(path): expected a header of \(Self.headerLimit) bytes at most, got one of \(length)")
    }
    var parser = NPYDictionary(try Self.read(length, from: source), path: path)
    let fields = try parser.parse()
    (elementType, isBigEndian) = try Self.type(fields.description, path: path)
    isFortran = fields.isFortran
    shape = fields.shape
    byteCount = 8 + lengthBytes.count + length
    let least = asSamples ? 1 : 0
    guard shape.count >= least, shape.count <= 8, let elements = shape.map({ max($0, 1) }).checkedProduct(),
      elements <= (Int.max - byteCount) / 8, !asSamples || !shape.contains(0)
    else {
      throw TrainingDataError(
        .invalidHeader,
        "\(path): expected a shape of \(least) to 8 dimensions\(asSamples ? ", each at least 1" : ""), got \(shape)",
        hint: shape.contains(0) ? "the array is empty" : nil)
    }
  }

  private static func read(
    _ count: Int, from source: any ByteSource, isMagic: Bool = false
  ) throws(TrainingDataError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    let found = try source.read(into: buffer), bytes = Array(buffer[..<found])
    if isMagic, found < count || !bytes.starts(with: magic) { return [UInt8](repeating: 0, count: count) }
    guard found == count else {
      throw TrainingDataError(
        .truncated, "\(source.path): the file is cut short in its header", hint: "copy or download the file again")
    }
    return bytes
  }

  /// The type that `<f4`, `|u1` or `>i8` names.
  private static func type(_ description: String, path: String) throws(TrainingDataError) -> (ElementType, Bool) {
    guard let order = description.first, "<>|=".contains(order),
      let type = ElementType(rawValue: String(description.dropFirst()))
    else {
      let hint =
        description.hasSuffix("O")
        ? "arrays of objects can run code when they are read, and are never read here; save numbers instead"
        : "convert it with .astype('float32')"
      throw TrainingDataError(
        .invalidHeader, "\(path): expected an array of numbers such as <f4, |u1 or <i8, got \(description.shown)",
        hint: hint)
    }
    return (type, order == ">")
  }
}

/// Reads the literal of a Python dictionary that a `.npy` header is, and nothing else that Python could mean.
private struct NPYDictionary {
  private let bytes: [UInt8]
  private let path: String
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// The three keys, in any order, each once.
  mutating func parse() throws(TrainingDataError) -> (description: String, isFortran: Bool, shape: [Int]) {
    var description: String?, isFortran: Bool?, shape: [Int]?
    try expect("{")
    while !take("}") {
      let key = try text()
      try expect(":")
      switch key {
      case "descr" where description == nil: description = try text()
      case "fortran_order" where isFortran == nil: isFortran = try flag()
      case "shape" where shape == nil: shape = try numbers()
      default: throw failure("the key \(key.shown) is unknown or comes twice")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == bytes.count else { throw failure("something follows the header's dictionary") }
    guard let description, let isFortran, let shape else {
      throw failure("'descr', 'fortran_order' or 'shape' is missing")
    }
    return (description, isFortran, shape)
  }

  private func failure(_ message: String) -> TrainingDataError {
    TrainingDataError(.invalidHeader, "\(path): the .npy header cannot be read: \(message)")
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0a, 0x09, 0x0d].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(TrainingDataError) {
    guard take(character) else { throw failure("expected '\(character)' at byte \(position)") }
  }

  /// A text between single or double quotes; a list in its place describes a record of several fields.
  private mutating func text() throws(TrainingDataError) -> String {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\"") else {
      let isRecord = position < bytes.count && bytes[position] == UInt8(ascii: "[")
      throw failure(isRecord ? "its elements are records of several fields" : "expected a text at byte \(position)")
    }
    let quote = bytes[position], start = position + 1
    position += 1
    while position < bytes.count, bytes[position] != quote, bytes[position] != UInt8(ascii: "\\") { position += 1 }
    guard position < bytes.count, bytes[position] == quote else { throw failure("a text does not end") }
    position += 1
    return String(decoding: bytes[start..<position - 1], as: UTF8.self)
  }

  private mutating func flag() throws(TrainingDataError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw failure("expected True or False at byte \(position)")
  }

  /// A tuple of whole numbers; Python 2 wrote an L behind them.
  private mutating func numbers() throws(TrainingDataError) -> [Int] {
    var numbers: [Int] = []
    try expect("(")
    while !take(")") {
      skipSpace()
      let start = position
      while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
      guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
        throw failure("expected a whole number of 64 bits at byte \(start)")
      }
      numbers.append(number)
      _ = take("L")
      if !take(",") {
        try expect(")")
        break
      }
      guard numbers.count <= 32 else { throw failure("the shape has more than 32 dimensions") }
    }
    return numbers
  }
}
