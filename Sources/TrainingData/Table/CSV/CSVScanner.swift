import CTextScan

/// Walks over the fields of whole records, behind which stands a line feed unless the last ends with one.
struct CSVScanner {
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

  @inline(__always)
  private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  /// Takes the number that is the whole next field, which ends with the next separator; nil, and nothing taken, where it is
  /// something else.
  ///
  /// The position follows from the separators and not from the number, so that a core need not wait for it.
  /// - Parameter emptyIsMissing: whether a field without a character is NaN.
  @inline(__always)
  mutating func nextNumber(_ separators: CSVSeparators, emptyIsMissing: Bool) -> (value: Float, endsRecord: Bool)? {
    let end = separators.next(from: position, in: self)
    let number = text_scan_read_number(bytes + position)
    var value = number.value
    if number.status != text_scan_nearest || number.length != end - position {
      guard emptyIsMissing, end == position else { return nil }
      value = .nan
    }
    return (value, endField(at: end))
  }

  /// Takes the next field, which ends with the next separator unless it begins with a quote.
  @inline(__always)
  mutating func next(_ separators: CSVSeparators) throws(Failure) -> CSVField {
    bytes[position] == UInt8(ascii: "\"") && position < count
      ? try nextQuoted() : nextPlain(endingAt: separators.next(from: position, in: self))
  }

  /// Takes the next field.
  @inline(__always)
  mutating func next() throws(Failure) -> CSVField {
    bytes[position] == UInt8(ascii: "\"") && position < count
      ? try nextQuoted()
      : nextPlain(
        endingAt: position + text_scan_distance(bytes + position, delimiter, UInt8(ascii: "\n"), UInt8(ascii: "\r")))
  }

  /// Passes over lines without a character.
  @inline(__always)
  mutating func skipEmptyLines() {
    while position < count, isLineEnd(bytes[position]) { endRecord(at: position) }
  }

  /// Passes over the rest of a record, and returns how many fields it had.
  mutating func skipRecord() throws(Failure) -> Int {
    var count = 1
    while try !next().endsRecord { count += 1 }
    return count
  }

  @inline(__always)
  private mutating func nextPlain(endingAt separator: Int) -> CSVField {
    var start = position, end = separator
    let endsRecord = endField(at: end)
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return CSVField(start: bytes + start, count: end - start, hasDoubledQuotes: false, endsRecord: endsRecord)
  }

  /// Steps over the separator behind a field, and tells whether the record ends with it.
  @inline(__always)
  private mutating func endField(at separator: Int) -> Bool {
    if bytes[separator] == delimiter, separator < count {
      position = separator + 1
      return false
    }
    endRecord(at: separator)
    return true
  }

  @inline(__always)
  private func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  @inline(__always)
  private mutating func nextQuoted() throws(Failure) -> CSVField {
    let start = position + 1
    var end = start + text_scan_distance(bytes + start, UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\n"))
    var hasDoubledQuotes = false
    if !isClosingQuote(end) {
      let found = try Self.closingQuote(self, from: end)
      (end, line, hasDoubledQuotes) = (found.end, found.line, found.hasDoubledQuotes)
    }
    var behind = end + 1
    while bytes[behind] == UInt8(ascii: " "), bytes[behind] != delimiter { behind += 1 }
    guard behind >= count || isLineEnd(bytes[behind]) || bytes[behind] == delimiter else {
      throw .textBehindQuote(line: line)
    }
    return CSVField(
      start: bytes + start, count: end - start, hasDoubledQuotes: hasDoubledQuotes, endsRecord: endField(at: behind))
  }

  /// Whether a quote stands there behind which no other does.
  @inline(__always)
  private func isClosingQuote(_ place: Int) -> Bool {
    place < count && bytes[place] == UInt8(ascii: "\"")
      && (bytes[place + 1] != UInt8(ascii: "\"") || place + 1 == count)
  }

  /// The quote that ends a field, whatever stands before it.
  ///
  /// - Parameters:
  ///   - scanner: a copy, so that whoever asks need not keep its own in memory.
  ///   - place: the first quote or line feed behind the one that opens the field.
  @inline(never)
  private static func closingQuote(
    _ scanner: CSVScanner, from place: Int
  ) throws(Failure) -> (end: Int, line: Int, hasDoubledQuotes: Bool) {
    let bytes = scanner.bytes
    var end = place, line = scanner.line, hasDoubledQuotes = false
    while !scanner.isClosingQuote(end) {
      guard end < scanner.count else { throw .openQuote(line: scanner.line) }
      if bytes[end] == UInt8(ascii: "\n") {
        line += 1
        end += 1
      } else {
        hasDoubledQuotes = true
        end += 2
      }
      end += text_scan_distance(bytes + end, UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\n"))
    }
    return (end, line, hasDoubledQuotes)
  }

  /// Steps over a line feed, a carriage return or both.
  @inline(__always)
  private mutating func endRecord(at end: Int) {
    let isPair = bytes[end] == UInt8(ascii: "\r") && end + 1 <= count && bytes[end + 1] == UInt8(ascii: "\n")
    position = end + (isPair ? 2 : 1)
    line += 1
  }
}
