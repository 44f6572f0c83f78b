/// What separates the fields of a text, and whether its first record names columns.
struct CSVDialect {
  let delimiter: UInt8
  let hasHeader: Bool

  private static let candidates = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }
  /// Records that are looked at: more would rarely change the answer.
  private static let sampledRecords = 32

  /// Takes what is given, and recognises the rest.
  ///
  /// - Parameters:
  ///   - text: how the text begins.
  ///   - isWhole: whether that is all of it, so that its last record is one.
  /// - Throws: `.invalidArgument` for a delimiter that could be a part of a number or a text.
  init(of text: TextPiece, isWhole: Bool, reading: CSVReading) throws(TrainingDataError) {
    switch reading.delimiter {
    case .automatic: delimiter = Self.delimiter(of: text, isWhole: isWhole)
    case .character(let character):
      guard Self.canDelimit(character) else {
        throw TrainingDataError(
          .invalidArgument,
          "expected a delimiter such as ',', ';', '|' or a tab, got '\(Unicode.Scalar(character).escaped(asASCII: true))'"
        )
      }
      delimiter = character
    }
    hasHeader =
      switch reading.header {
      case .automatic: Self.beginsWithNames(text, delimiter: delimiter)
      case .present: true
      case .absent: false
      }
  }

  private static func canDelimit(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "\t"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      false
    default: character >= 0x20 && character < 0x7f
    }
  }

  /// The candidate that divides all sampled records into the same number of fields, the largest; else the one that finds most
  /// fields in the first.
  private static func delimiter(of text: TextPiece, isWhole: Bool) -> UInt8 {
    var best = (delimiter: candidates[0], isAlike: false, fields: 1)
    for candidate in candidates {
      guard let counts = fieldCounts(text, candidate, isWhole), let first = counts.first, first > 1 else { continue }
      let isAlike = counts.allSatisfy { $0 == first }
      if isAlike && !best.isAlike || isAlike == best.isAlike && first > best.fields {
        best = (candidate, isAlike, first)
      }
    }
    return best.delimiter
  }

  /// The fields of the first records that are not empty; nil where quotes do not fit the delimiter.
  private static func fieldCounts(_ text: TextPiece, _ delimiter: UInt8, _ isWhole: Bool) -> [Int]? {
    var scanner = CSVScanner(text, delimiter: delimiter, line: 1), counts: [Int] = []
    scanner.skipEmptyLines()
    while !scanner.isAtEnd, counts.count < sampledRecords {
      guard let count = try? scanner.skipRecord() else { return isWhole || counts.isEmpty ? nil : counts }
      // A record that goes on behind the text says nothing.
      if !isWhole, scanner.isAtEnd, !counts.isEmpty { break }
      counts.append(count)
      scanner.skipEmptyLines()
    }
    return counts
  }

  /// Whether no field of the first record is a number.
  private static func beginsWithNames(_ text: TextPiece, delimiter: UInt8) -> Bool {
    var scanner = CSVScanner(text, delimiter: delimiter, line: 1)
    scanner.skipEmptyLines()
    // Behind the last line feed no separator ends a field.
    if scanner.isAtEnd { return true }
    while let field = try? scanner.next() {
      if field.number != .other { return false }
      if field.endsRecord { return true }
    }
    return true
  }
}
