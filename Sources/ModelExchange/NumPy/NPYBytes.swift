import TrainingData

extension NumberArray {
  /// The array as a `.npy` file of version 1.0, whose elements begin on a 64-byte line.
  ///
  /// - Source: NumPy, `numpy/lib/_format_impl.py`.
  package var npyBytes: [UInt8] {
    var bytes = Self.npyHeader(shape: shape, type: elements.description)
    switch elements {
    case .uint8(let elements): bytes += elements
    case .int32(let elements): for element in elements { bytes.append(element.littleEndian) }
    case .float32(let elements): for element in elements { bytes.append(element.bitPattern.littleEndian) }
    }
    return bytes
  }

  /// What stands before the elements of a `.npy` file.
  ///
  /// - Parameter type: what NumPy calls the elements' type, as in `<f4`.
  package static func npyHeader(shape: [Int], type: String) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Magic, version and length take 10 bytes; the text ends with a line feed.
    text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + Array(text.utf8)
  }
}

extension [UInt8] {
  fileprivate mutating func append<Word: FixedWidthInteger>(_ word: Word) {
    Swift.withUnsafeBytes(of: word) { append(contentsOf: $0) }
  }
}
