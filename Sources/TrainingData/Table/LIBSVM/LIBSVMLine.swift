import CTextScan

/// Walks over the lines of a sparse text, and over the entries of each.
///
/// - Precondition: behind the bytes stand a line feed and padding.
struct LIBSVMLines {
  /// What one line holds beside its entries.
  enum Line {
    /// Nothing, or a comment.
    case empty
    /// A sample with this label.
    case sample(Float)
  }

  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private let path: String
  private var position = 0
  /// The line that is read, counted from 1.
  private(set) var line: Int

  init(_ text: TextPiece, path: String, line: Int) {
    bytes = text.bytes
    count = text.count
    self.path = path
    self.line = line
  }

  /// Whether no line follows.
  var isAtEnd: Bool { position >= count }

  /// Reads one line, and hands over each of its entries: ascending indices, finite values.
  mutating func next(_ entry: (Int, Float) throws(TrainingDataError) -> Void) throws(TrainingDataError) -> Line {
    skipSpaces()
    guard !isAtLineEnd else {
      skipLine()
      return .empty
    }
    let label = try label()
    var last = -1
    skipSpaces()
    while !isAtLineEnd {
      if try !skipQuery() {
        let index = try index(after: last)
        try entry(index, try value(of: index))
        last = index
      }
      guard isSpace(bytes[position]) || isAtLineEnd else { throw malformed("expected a space behind an entry") }
      skipSpaces()
    }
    skipLine()
    return .sample(label)
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  private var isAtLineEnd: Bool {
    let byte = bytes[position]
    return byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "#")
  }

  private mutating func skipSpaces() { while isSpace(bytes[position]) { position += 1 } }

  /// Passes over a comment and the end of the line.
  private mutating func skipLine() {
    let feed = UInt8(ascii: "\n"), end = UInt8(ascii: "\r")
    position += text_scan_distance(bytes + position, feed, end, feed)
    if bytes[position] == end, position + 1 < count, bytes[position + 1] == feed { position += 1 }
    position += 1
    line += 1
  }

  private mutating func label() throws(TrainingDataError) -> Float {
    let start = position
    switch DecimalNumber.read(bytes, from: position) {
    case .number(let value, let end):
      position = end
      if bytes[position] == UInt8(ascii: ",") {
        throw TrainingDataError(
          .invalidValue, "\(path):\(line): expected one label a sample, got several, \(word(from: start).shown)",
          hint: "samples with several labels are not read from this format; make a table with a column for each")
      }
      guard isSpace(bytes[position]) || isAtLineEnd else { break }
      return value
    default: break
    }
    position = start
    throw TrainingDataError(
      .invalidValue,
      "\(path):\(line): expected a number as label at the start of the line, got \(word(from: start).shown)",
      hint: word(from: start).contains(":") ? "each line begins with the sample's label" : nil)
  }

  /// Passes over the number of a query, which rankings have.
  private mutating func skipQuery() throws(TrainingDataError) -> Bool {
    let name = Array("qid:".utf8)
    guard name.indices.allSatisfy({ bytes[position + $0] == name[$0] }) else { return false }
    position += name.count
    let start = position
    while isDigit(bytes[position]) { position += 1 }
    guard position > start else { throw malformed("expected a whole number behind qid:") }
    return true
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

  private mutating func index(after last: Int) throws(TrainingDataError) -> Int {
    let start = position
    var index = 0
    while isDigit(bytes[position]) {
      index = min(index * 10 + Int(bytes[position] - UInt8(ascii: "0")), Int(UInt32.max))
      position += 1
    }
    guard position > start, bytes[position] == UInt8(ascii: ":") else {
      position = start
      throw malformed("expected index:value")
    }
    guard index > last else {
      throw TrainingDataError(
        .invalidValue, "\(path):\(line): expected indices that ascend, got \(index) behind \(last)",
        hint: index == last ? "each feature may come once a line" : "sort the entries of each line")
    }
    position += 1
    return index
  }

  private mutating func value(of index: Int) throws(TrainingDataError) -> Float {
    let start = position
    switch DecimalNumber.read(bytes, from: start) {
    case .number(let value, let end):
      position = end
      return value
    case .tooLarge:
      throw TrainingDataError(
        .invalidValue, "\(path):\(line): feature \(index) must be a finite number, but is \(word(from: start).shown)",
        hint: "it is too large for single precision")
    case .other:
      throw TrainingDataError(
        .invalidValue, "\(path):\(line): feature \(index) must be a finite number, but is \(word(from: start).shown)")
    }
  }

  private func malformed(_ message: String) -> TrainingDataError {
    TrainingDataError(
      .malformedText, "\(path):\(line): \(message), got \(word(from: position).shown)",
      hint: "a line is 'label index:value index:value …'")
  }

  /// The text up to the next space or line end, not too long.
  private func word(from start: Int) -> String {
    var end = start
    while end < count, !isSpace(bytes[end]), bytes[end] != 0x0a, bytes[end] != 0x0d, end - start < 200 { end += 1 }
    return String(decoding: UnsafeBufferPointer(start: bytes + start, count: end - start), as: UTF8.self)
  }
}
