import FuzzInstruments
import Testing
import TrainingData

/// A file that is read in pieces by several workers is the same table, or refused with the same words.
@Suite("Tables in pieces")
struct CSVPiecesTests {
  private let folder = TemporaryFolder()

  /// Everything that a table holds, or what was said of the file.
  static func outcome(_ read: () throws -> Table) -> String {
    do {
      let table = try read()
      var lines = ["\(table.rowCount) \(table.hasHeader)"]
      for (index, column) in table.columns.enumerated() {
        lines.append("\(column.name) \(column.kind) \(column.categories)")
        guard column.kind != .ignored else { continue }
        lines.append(
          (0..<table.rowCount).map { table[$0, index].map { "\($0.bitPattern)" } ?? "-" }.joined(separator: " "))
      }
      return lines.joined(separator: "\n")
    } catch { return "\(error)" }
  }

  private static let fields = [
    "", "1", "-2.5", "3e2", "NA", "x", "a longer text of more than sixteen bytes", "\"\"", "\"a,b\"", "\"two\nlines\"",
    "\"\r\n\n\r\"", "\"say \"\"hi\"\"\"", "\"\"\"\"", "5\" pipe", "é", "\"Σ\n\"\"\n\"", " spaced ",
  ]

  private static func randomTable(_ generator: inout SplitMix) -> String {
    let columns = Int.random(in: 1...4, using: &generator), rows = Int.random(in: 1...60, using: &generator)
    let ends =
      [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"]].randomElement(using: &generator) ?? []
    let numeric = (0..<columns).map { _ in Bool.random(using: &generator) }
    var text = (0..<columns).map { "c\($0)" }.joined(separator: ",") + "\n"
    for row in 0..<rows {
      text += (0..<columns).map { column in
        let plain = numeric[column] && Int.random(in: 0..<200, using: &generator) > 0
        return plain ? "\(row).\(column)" : fields.randomElement(using: &generator) ?? ""
      }.joined(separator: ",")
      if row + 1 < rows || Bool.random(using: &generator) { text += ends.randomElement(using: &generator) ?? "" }
    }
    // Now and then something is wrong.
    if Int.random(in: 0..<4, using: &generator) == 0 {
      let place = text.utf8.index(text.startIndex, offsetBy: Int.random(in: 0...text.utf8.count, using: &generator))
      if let place = place.samePosition(in: text.unicodeScalars) {
        text.unicodeScalars.insert(["\"", ",", "x"].randomElement(using: &generator) ?? "x", at: place)
      }
    }
    return text
  }

  @Test("cells of a row that is refused for want of fields have their room too", arguments: [1, 2, 3])
  func shortRows(workers: Int) {
    let reading = CSVReading(delimiter: .character(UInt8(ascii: ",")), header: .present)
    for count in 0..<24 {
      for end in ["1", ",\n", "1\n"] {
        // No row could be shorter than those in the middle, so that the room is just enough for them.
        let text = "a,b,c\n" + String(repeating: "1,2,3\n", count: 20) + String(repeating: ",,\n", count: count) + end
        let path = folder.write(Array(text.utf8), to: "short.csv")
        for pieceByteCount in [1, 4, 24, 50, 1 << 20] {
          let outcome = Self.outcome {
            try Table.csv(path, reading: reading, workers: workers, pieceByteCount: pieceByteCount)
          }
          #expect(outcome.hasPrefix("\(path):\(22 + count): expected 3 fields"), "\(count) \(end): \(outcome)")
        }
      }
    }
  }

  @Test("random tables are the same for any number of workers and any size of a piece")
  func randomTables() throws {
    var generator = SplitMix(state: 20), refusedCount = 0
    let reading = CSVReading(delimiter: .character(UInt8(ascii: ",")), header: .present)
    for _ in 0..<400 {
      let text = Self.randomTable(&generator), path = folder.write(Array(text.utf8), to: "t.csv")
      let whole = Self.outcome { try Table.csv(path, reading: reading, workers: 1) }
      if whole.hasPrefix("/") { refusedCount += 1 }
      for (workers, bytes) in [(1, 1), (1, 97), (2, 16), (3, 5), (3, 40), (7, 64), (1, 300), (2, 170), (2, 1 << 20)] {
        let pieces = Self.outcome {
          try Table.csv(path, reading: reading, workers: workers, pieceByteCount: bytes)
        }
        #expect(pieces == whole, "\(workers) workers, pieces of \(bytes): \(text.debugDescription)")
      }
    }
    #expect(refusedCount > 20 && refusedCount < 300)
  }

  @Test("broken files are refused with the same line", arguments: CSVBadInputTests.mistakes)
  func mistakes(mistake: CSVBadInputTests.Mistake) throws {
    // What is no text is noticed where it is read, and not before everything else.
    guard mistake.code != .unrecognizedFormat, mistake.bytes.count < 10_000 else { return }
    let path = folder.write(mistake.bytes, to: "t.csv")
    let expected = Self.outcome { try Table.csv(path, reading: mistake.reading, workers: 1) }
    for (workers, bytes) in [(1, 4), (3, 4), (2, 9)] {
      let found = Self.outcome {
        try Table.csv(path, reading: mistake.reading, workers: workers, pieceByteCount: bytes)
      }
      #expect(found == expected)
    }
  }

  @Test("a text far down, and one that is no UTF-8, are found in any piece")
  func late() throws {
    let rows = (0..<5000).map { "\($0),\($0 % 3),\"\($0 % 7)\n\"" }
    let late = folder.write(Array(("a,b,c\n" + rows.joined(separator: "\n") + "\nx,5,6\n").utf8), to: "late.csv")
    let whole = Self.outcome { try Table.csv(late, workers: 1) }
    for workers in [2, 5] {
      #expect(
        Self.outcome { try Table.csv(late, reading: CSVReading(), workers: workers, pieceByteCount: 3000) } == whole)
    }
    let bytes = Array(("a,b,c\n" + rows.joined(separator: "\n") + "\n1,5,").utf8) + [0xe9, 0x0a]
    let damaged = folder.write(bytes, to: "damaged.csv")
    for workers in [1, 2, 5] {
      #expect(throws: TrainingDataError.self) {
        try Table.csv(damaged, reading: CSVReading(), workers: workers, pieceByteCount: 3000)
      }
      let found = Self.outcome { try Table.csv(damaged, reading: CSVReading(), workers: workers, pieceByteCount: 3000) }
      #expect(
        found == "\(damaged):10002: expected UTF-8 text, got the byte 0xe9; save it as UTF-8, or is it a binary file?")
    }
  }

  @Test("too many different texts are told at the line that has the one too many")
  func tooManyTexts() throws {
    // Each half of the file has fewer than the limit of 2²⁰.
    var text = Array("t\n".utf8)
    for number in 0...(1 << 20) { text += Array("x\(number)\n".utf8) }
    let path = folder.write(text, to: "texts.csv")
    for workers in [1, 2] {
      let found = Self.outcome { try Table.csv(path, reading: CSVReading(), workers: workers, pieceByteCount: 5 << 20) }
      #expect(found == "\(path):1048578: column 't' has more than 1048576 different texts; ignore the column")
    }
  }

  @Test("progress goes from little to all")
  func progress() throws {
    let rows = (0..<2000).map { "\($0),\($0 % 3)" }.joined(separator: "\n")
    let path = folder.write(Array("a,b\n\(rows)".utf8), to: "t.csv")
    var seen: [Double] = []
    _ = try Table.csv(path, reading: CSVReading(), workers: 2, progress: { seen.append($0) }, pieceByteCount: 500)
    #expect(seen.count > 5 && seen == seen.sorted() && seen.last == 1)
  }

  @Test("no workers cannot read")
  func noWorkers() {
    #expect(throws: TrainingDataError.self) { try Table.csv("t.csv", workers: 0) }
  }
}
