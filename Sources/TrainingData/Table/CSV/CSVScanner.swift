import CTextScan

/// Walks over the fields of whole records, behind which stands a line feed unless the last ends with one.
struct CSVScanner {
  /// A field as it stands in the text.
  struct Field {
    /// Its first byte, behind the quote or the spaces.
    let start: Int
    /// The position behind its last byte.
    let end: Int
    /// Whether quotes stand twice in it.
    let hasDoubledQuotes: Bool
    /// Whether the record ends with it.
    let endsRecord: Bool
  }

  /// Why a text cannot be divided into fields.
  enum Failure: Error {
    /// The quote at a line has no other.
    case openQuote(line: Int)
    /// Behind the quote that ends a field stands something else than a delimiter or the end of the line.
    case textBehindQuote(line: Int)
  }

  let bytes: UnsafePointer<UInt8>
  let count: Int
  let delimiter: UInt8
  /// Where the next field begins.
  private(set) var position = 0
  /// The line on which the next field begins.
  private(set) var line: Int

  /// - Parameter line: the line on which the text begins.
  init(_ text: TextPiece, delimiter: UInt8, line: Int) {
    bytes = text.bytes
    count = text.count
    self.delimiter = delimiter
    self.line = line
  }

  /// Whether no record follows: a line end at the end of the text begins none.
  var isAtEnd: Bool { position >= count }

  /// Whether the next record is an empty line.
  var isAtEmptyLine: Bool { isLineEnd(bytes[position]) }

  @inline(__always)
  private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  /// Takes the number that is the whole next field, which ends with the next separator; nil, and nothing taken, where it is
  /// something else.
  ///
  /// The position follows from the separators and not from the number, so that a core need not wait for it.
  @inline(__always)
  mutating func nextNumber(_ separators: CSVSeparators) -> (value: Float, endsRecord: Bool)? {
    let end = separators.next(from: position, in: self)
    let number = text_scan_read_number(bytes + position)
    guard number.status == text_scan_nearest, number.length == end - position else { return nil }
    if bytes[end] == delimiter, end < count {
      position = end + 1
      return (number.value, false)
    }
    endRecord(at: end)
    return (number.value, true)
  }

  /// Takes the next field.
  @inline(__always)
  mutating func next() throws(Failure) -> Field {
    bytes[position] == UInt8(ascii: "\"") && position < count ? try nextQuoted() : nextPlain()
  }

  /// Passes over the rest of a record, and returns how many fields it had.
  mutating func skipRecord() throws(Failure) -> Int {
    var count = 1
    while try !next().endsRecord { count += 1 }
    return count
  }

  @inline(__always)
  private mutating func nextPlain() -> Field {
    var start = position
    var end = start + text_scan_distance(bytes + start, delimiter, UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    let endsRecord = end >= count || bytes[end] != delimiter
    if endsRecord { endRecord(at: end) } else { position = end + 1 }
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return Field(start: start, end: end, hasDoubledQuotes: false, endsRecord: endsRecord)
  }

  @inline(__always)
  private func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  @inline(never)
  private mutating func nextQuoted() throws(Failure) -> Field {
    let start = position + 1, firstLine = line
    var end = start, hasDoubledQuotes = false
    while true {
      while true {
        end += text_scan_distance(bytes + end, UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\n"))
        guard end < count, bytes[end] == UInt8(ascii: "\n") else { break }
        line += 1
        end += 1
      }
      guard end < count else { throw .openQuote(line: firstLine) }
      guard bytes[end + 1] == UInt8(ascii: "\""), end + 1 < count else { break }
      hasDoubledQuotes = true
      end += 2
    }
    var behind = end + 1
    while bytes[behind] == UInt8(ascii: " "), bytes[behind] != delimiter { behind += 1 }
    let endsRecord = behind >= count || isLineEnd(bytes[behind])
    guard endsRecord || bytes[behind] == delimiter else { throw .textBehindQuote(line: line) }
    if endsRecord { endRecord(at: behind) } else { position = behind + 1 }
    return Field(start: start, end: end, hasDoubledQuotes: hasDoubledQuotes, endsRecord: endsRecord)
  }

  /// Steps over a line feed, a carriage return or both.
  @inline(__always)
  private mutating func endRecord(at end: Int) {
    let isPair = bytes[end] == UInt8(ascii: "\r") && end + 1 <= count && bytes[end + 1] == UInt8(ascii: "\n")
    position = end + (isPair ? 2 : 1)
    line += 1
  }

  // MARK: - Contents

  /// The field's bytes, its doubled quotes made single in `scratch`.
  @inline(__always)
  func contents(of field: Field, scratch: inout [UInt8]) -> UnsafeBufferPointer<UInt8>? {
    guard field.hasDoubledQuotes else {
      return UnsafeBufferPointer(start: bytes + field.start, count: field.end - field.start)
    }
    scratch.removeAll(keepingCapacity: true)
    var position = field.start
    while position < field.end {
      scratch.append(bytes[position])
      position += bytes[position] == UInt8(ascii: "\"") ? 2 : 1
    }
    return nil
  }

  /// The field as text.
  func text(of field: Field) -> String {
    var scratch: [UInt8] = []
    if let bytes = contents(of: field, scratch: &scratch) { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: scratch, as: UTF8.self)
  }
}
