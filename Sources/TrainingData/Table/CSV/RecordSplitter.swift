import CTextScan
import Glibc

/// Finds where records end, also where line ends stand between quotes.
///
/// A quote opens a field where a field begins: at the start, behind a delimiter or behind a line end. So nothing needs to be
/// looked at but the quotes and their neighbours, and the line ends near the places where a text is to be divided.
struct RecordSplitter {
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private let delimiter: UInt8
  /// Whether the text ends with these bytes.
  private let isAtEnd: Bool

  /// - Parameter bytes: the text from the start of a record on, padded.
  init(_ bytes: UnsafePointer<UInt8>, count: Int, delimiter: UInt8, isAtEnd: Bool) {
    self.bytes = bytes
    self.count = count
    self.delimiter = delimiter
    self.isAtEnd = isAtEnd
  }

  /// Divides the whole records into so many pieces of about the same size, fewer where records are long.
  ///
  /// - Returns: where each piece ends; nothing where no record ends. At the end of the text the last piece ends with it.
  func ends(pieces: Int) -> [Int] {
    var ends: [Int] = [], target = count / pieces, last = 0, start = 0, search = 0
    while start < count {
      let quote = openingQuote(from: &search)
      let end = quote ?? count
      while ends.count < pieces - 1, target < end, let place = lineEnd(from: max(target, start), to: end) {
        ends.append(place)
        target = max(place, (ends.count + 1) * count / pieces)
      }
      if let place = lastLineEnd(from: start, to: end) { last = place }
      guard let quote else { break }
      guard let closing = closingQuote(of: quote) else { break }
      start = closing + 1
      search = start
    }
    if isAtEnd { last = count }
    ends.removeAll { $0 >= last }
    return last > 0 ? ends + [last] : []
  }

  /// The next quote with which a field begins.
  private func openingQuote(from search: inout Int) -> Int? {
    while search < count, let found = memchr(bytes + search, Int32(UInt8(ascii: "\"")), count - search) {
      let place = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
      search = place + 1
      if place == 0 || bytes[place - 1] == delimiter || isLineEnd(bytes[place - 1]) { return place }
    }
    search = count
    return nil
  }

  /// The quote that ends a field; nil where it lies behind these bytes, or may.
  private func closingQuote(of quote: Int) -> Int? {
    var search = quote + 1
    while search < count, let found = memchr(bytes + search, Int32(UInt8(ascii: "\"")), count - search) {
      let place = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
      if place + 1 == count { return isAtEnd ? place : nil }
      guard bytes[place + 1] == UInt8(ascii: "\"") else { return place }
      search = place + 2
    }
    return nil
  }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  /// Behind the first line end of a part without quotes.
  private func lineEnd(from start: Int, to end: Int) -> Int? {
    var place = start
    while place < end {
      place += text_scan_distance(bytes + place, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\n"))
      guard place < end else { return nil }
      if let behind = behindLineEnd(at: place, to: end) { return behind }
      place += 1
    }
    return nil
  }

  /// Behind the last line end of a part without quotes.
  private func lastLineEnd(from start: Int, to end: Int) -> Int? {
    var place = end - 1
    while place >= start {
      if isLineEnd(bytes[place]), let behind = behindLineEnd(at: place, to: end) { return behind }
      place -= 1
    }
    return nil
  }

  /// Behind a line feed, a carriage return or both; nil for a return whose line feed may still come.
  private func behindLineEnd(at place: Int, to end: Int) -> Int? {
    guard bytes[place] == UInt8(ascii: "\r") else { return place + 1 }
    if place + 1 == count { return isAtEnd ? place + 1 : nil }
    return bytes[place + 1] == UInt8(ascii: "\n") ? place + 2 : place + 1
  }
}
