import Glibc

/// The texts that stand for a missing value.
struct MissingTexts: Sendable {
  private let texts: [[UInt8]]
  private let longest: Int
  private let includesEmpty: Bool
  /// A bit for each of the bytes that one of the texts begins with.
  private var firstBytes = SIMD4<UInt64>()
  /// Whether one of the texts is a number, as −999 is.
  let includesNumber: Bool

  init(_ texts: [String]) {
    self.texts = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }
    longest = self.texts.map(\.count).max() ?? 0
    includesEmpty = texts.contains("")
    for text in self.texts { firstBytes[Int(text[0] >> 6)] |= 1 << UInt64(text[0] & 63) }
    includesNumber = self.texts.contains { text in
      (text + [UInt8](repeating: UInt8(ascii: "\n"), count: 1 + DecimalNumber.padding)).withUnsafeBufferPointer {
        DecimalNumber.read($0.baseAddress!, from: 0) != .other
      }
    }
  }

  /// Whether a field stands for a missing value.
  @inline(__always)
  func contains(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    if field.isEmpty { return includesEmpty }
    let first = field[0]
    return field.count <= longest && firstBytes[Int(first >> 6)] >> UInt64(first & 63) & 1 == 1 && isAmong(field)
  }

  @inline(never)
  private func isAmong(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    texts.contains { text in text.count == field.count && memcmp(text, field.baseAddress!, text.count) == 0 }
  }
}
