import CTextScan

/// Finds where records end, also where line ends stand between quotes.
///
/// A quote opens a field where a field begins: at the start, behind a delimiter or behind a line end. So a walk over the text
/// knows at each byte whether it is between quotes.
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
    // The line feed of a return at the very end may still come.
    let known = !isAtEnd && count > 0 && bytes[count - 1] == UInt8(ascii: "\r") ? count - 1 : count
    var walk = text_scan_walk(place: text_scan_at_field, line_end: .max), place = 0, ends: [Int] = []
    while ends.count < pieces - 1 {
      let target = (ends.count + 1) * count / pieces
      if target > place {
        text_scan_records(bytes, place, min(target, known), delimiter, &walk)
        place = min(target, known)
      }
      place = text_scan_record(bytes, place, known, delimiter, &walk)
      // Else what is left has no record end.
      guard place > 0, walk.line_end == place - 1 else { break }
      let behind = behindLineEnd(place - 1)
      text_scan_records(bytes, place, behind, delimiter, &walk)
      ends.append(behind)
      place = behind
    }
    text_scan_records(bytes, place, known, delimiter, &walk)
    let last = isAtEnd ? count : walk.line_end == .max ? 0 : behindLineEnd(walk.line_end)
    ends.removeAll { $0 >= last }
    return last > 0 ? ends + [last] : []
  }

  /// Behind a line feed, a carriage return or both.
  private func behindLineEnd(_ place: Int) -> Int {
    let isPair = bytes[place] == UInt8(ascii: "\r") && place + 1 < count && bytes[place + 1] == UInt8(ascii: "\n")
    return place + (isPair ? 2 : 1)
  }
}
