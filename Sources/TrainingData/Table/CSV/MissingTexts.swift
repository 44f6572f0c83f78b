import Glibc

/// The texts that stand for a missing value.
struct MissingTexts: Sendable {
  private let texts: [[UInt8]]
  private let longest: Int
  private let includesEmpty: Bool
  /// Whether one of the texts is a number, as −999 is.
  let includesNumber: Bool

  init(_ texts: [String]) {
    self.texts = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }
    longest = self.texts.map(\.count).max() ?? 0
    includesEmpty = texts.contains("")
    includesNumber = self.texts.contains { text in
      (text + [UInt8(ascii: "\n")]).withUnsafeBufferPointer { DecimalNumber.read($0.baseAddress!, from: 0) != .other }
    }
  }

  /// Whether a field stands for a missing value.
  @inline(__always)
  func contains(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    if field.isEmpty { return includesEmpty }
    return field.count <= longest && isAmong(field)
  }

  private func isAmong(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    texts.contains { text in text.count == field.count && memcmp(text, field.baseAddress!, text.count) == 0 }
  }
}
