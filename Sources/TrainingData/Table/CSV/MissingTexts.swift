import Glibc

/// The texts that stand for a missing value.
struct MissingTexts: Sendable {
  private let texts: [[UInt8]]
  /// For each first byte a bit for each length that one of the texts has with it; 7 for all greater ones.
  private let lengths: ByteTable
  /// Whether nothing stands for a missing value.
  let includesEmpty: Bool
  /// Whether one of the texts is a number, as −999 is.
  let includesNumber: Bool

  init(_ texts: [String]) {
    let nonempty = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }, includesEmpty = texts.contains("")
    self.texts = nonempty
    self.includesEmpty = includesEmpty
    lengths = ByteTable { byte in
      // Whatever stands behind an empty field is no part of it.
      nonempty.filter { $0[0] == byte }.reduce(includesEmpty ? 1 : 0) { $0 | 1 << UInt8(min($1.count, 7)) }
    }
    includesNumber = nonempty.contains { text in
      (text + [UInt8](repeating: UInt8(ascii: "\n"), count: 1 + DecimalNumber.padding)).withUnsafeBufferPointer {
        DecimalNumber.read($0.baseAddress!, from: 0) != .other
      }
    }
  }

  /// Whether a field stands for a missing value.
  ///
  /// - Precondition: the byte at the start of the field may be read, also where the field is empty (unchecked).
  @inline(__always)
  func contains(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    let first = field.baseAddress.unsafelyUnwrapped[0]
    return lengths[first] >> UInt8(truncatingIfNeeded: min(field.count, 7)) & 1 == 1 && isAmong(field)
  }

  @inline(never)
  private func isAmong(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    field.isEmpty
      || texts.contains { text in text.count == field.count && memcmp(text, field.baseAddress!, text.count) == 0 }
  }
}

/// A number for each byte, never changed.
private final class ByteTable: Sendable {
  private nonisolated(unsafe) let values: UnsafeMutablePointer<UInt8>

  init(_ value: (UInt8) -> UInt8) {
    values = .allocate(capacity: 256)
    for byte in UInt8.min...UInt8.max { values[Int(byte)] = value(byte) }
  }

  deinit { values.deallocate() }

  @inline(__always)
  subscript(byte: UInt8) -> UInt8 { values[Int(byte)] }
}
