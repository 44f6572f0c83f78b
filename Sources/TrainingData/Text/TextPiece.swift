import CTextScan
import Glibc

/// Some bytes of a text, behind which ``DecimalNumber/padding`` more may be read.
///
/// - Concurrency: may be read by any thread while whoever made it leaves the memory alone.
struct TextPiece: @unchecked Sendable {
  let bytes: UnsafePointer<UInt8>
  let count: Int

  /// Refuses what is no UTF-8 text, at its line.
  ///
  /// - Parameter line: the line, counted from 1, on which the piece begins.
  func requireText(path: String, line: Int) throws(TrainingDataError) {
    guard text_scan_valid_length(bytes, count) < count else { return }
    // Something is wrong; which of two mistakes is told shall not depend on where they are.
    if let zero = memchr(bytes, 0, count) {
      let offset = UnsafeRawPointer(zero) - UnsafeRawPointer(bytes)
      throw TrainingDataError(
        .unrecognizedFormat, "\(path):\(line + lineFeeds(before: offset)): expected text, got a NUL byte",
        hint: "is it a binary file?")
    }
    do {
      _ = try UTF8Span(validating: Span(_unsafeStart: bytes, count: count))
    } catch {
      let offset = error.byteOffsets.lowerBound
      throw TrainingDataError(
        .unrecognizedFormat,
        "\(path):\(line + lineFeeds(before: offset)): expected UTF-8 text, got the byte 0x\(String(bytes[offset], radix: 16))",
        hint: "save it as UTF-8, or is it a binary file?")
    }
  }

  private func lineFeeds(before offset: Int) -> Int {
    (0..<offset).reduce(0) { $0 + (bytes[$1] == UInt8(ascii: "\n") ? 1 : 0) }
  }

  /// The part that ends before a character that goes on behind the end, as it may where a text was cut.
  var endingWithCharacter: TextPiece {
    var end = count
    while end > max(0, count - 3), bytes[end - 1] & 0xc0 == 0x80 { end -= 1 }
    // What begins a longer character than there are bytes is left to what follows.
    if end > 0, bytes[end - 1] >= 0xc0 { return TextPiece(bytes: bytes, count: end - 1) }
    return self
  }
}
