import CTextScan

/// A field as it stands in a text, behind which padding may be read.
struct CSVField {
  /// Its first byte, behind the quote or the spaces.
  let start: UnsafePointer<UInt8>
  /// How many bytes it has.
  let count: Int
  /// Whether quotes stand twice in it.
  let hasDoubledQuotes: Bool
  /// Whether the record ends with it.
  let endsRecord: Bool

  /// The bytes as they stand in the text; sixteen may be read from the first on, however few they are.
  @inline(__always)
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// The number that is the whole field.
  @inline(__always)
  var number: DecimalNumber.Reading {
    guard count > 0, !hasDoubledQuotes else { return .other }
    switch DecimalNumber.read(start, from: 0) {
    case .number(let value, let end) where end == count: return .number(value, end: end)
    case .tooLarge(let end) where end == count: return .tooLarge(end: end)
    default: return .other
    }
  }

  /// Calls `body` with the bytes, doubled quotes made single; sixteen may be read from the first on.
  ///
  /// - Parameter scratch: memory that is used again for every field.
  func withContents<Result>(scratch: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    guard hasDoubledQuotes else { return body(bytes) }
    let room = count + Int(TEXT_SCAN_PADDING)
    if scratch.count < room { scratch = [UInt8](repeating: 0, count: 2 * room) }
    return scratch.withUnsafeMutableBufferPointer { scratch in
      let target = scratch.baseAddress.unsafelyUnwrapped
      return body(UnsafeBufferPointer(start: target, count: text_scan_single_quotes(start, count, target)))
    }
  }

  /// The field as text.
  var text: String {
    var scratch: [UInt8] = []
    return withContents(scratch: &scratch) { String(decoding: $0, as: UTF8.self) }
  }
}
