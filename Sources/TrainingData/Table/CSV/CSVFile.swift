import Glibc
import NeuronKernels

/// A file of comma-separated values, whose columns are known by name and whose rows are read batch by batch.
///
/// A batch is divided into a piece for each worker, each of them whole records, so that a file need not fit into memory.
final class CSVFile {
  /// Columns that a table may have; a file with more is more likely to be of another kind.
  static let columnLimit = 100_000
  /// Bytes of a piece: milliseconds of work, in the caches of a core.
  static let pieceByteCount = 2 << 20

  let layout: CSVLayout
  /// How many threads read.
  let workers: Int
  /// The line, counted from 1, on which the first row begins.
  let firstLine: Int
  /// The first rows, to be looked at before the first batch is asked for.
  let sample: TextPiece

  private let blockByteCount: Int
  private var blocks: TextBlocks
  /// Where the first row begins.
  private let firstRow: Int
  private let progress: ReadingProgress?

  var path: String { layout.path }
  var columnNames: [String] { layout.columnNames }
  var hasHeader: Bool { layout.hasHeader }

  /// Reads the first block and in it the names of the columns.
  ///
  /// - Throws: ``TrainingDataError`` when there is no text, no row below the header, or no name for each column.
  init(
    path: String, reading: CSVReading, workers: Int? = nil, progress: ReadingProgress? = nil,
    pieceByteCount: Int = CSVFile.pieceByteCount
  ) throws(TrainingDataError) {
    let standard = try workers == nil ? ReadingTeam.standardWorkers(path: path) : 1
    let workers = workers ?? standard
    blockByteCount = pieceByteCount * workers
    blocks = try TextBlocks(path: path, blockByteCount: blockByteCount)
    let head = try CSVHead(blocks, path: path, reading: reading)
    self.workers = workers
    self.progress = progress
    layout = CSVLayout(
      path: path, columnNames: head.names, hasHeader: head.dialect.hasHeader, delimiter: head.dialect.delimiter,
      missing: MissingTexts(reading.missingTexts))
    (firstRow, firstLine, sample) = (head.firstRow, head.firstLine, head.rows)
    blocks.consume(firstRow)
  }

  /// The next records, divided into pieces that are valid until the next call; nil at the end of the file.
  func nextBatch() throws(TrainingDataError) -> [TextPiece]? {
    while try blocks.fill() {
      let ends = RecordSplitter(
        blocks.bytes, count: blocks.count, delimiter: layout.delimiter, isAtEnd: blocks.isAtEnd
      ).ends(pieces: workers)
      guard let last = ends.last else { continue }
      blocks.consume(last)
      progress?(blocks.progress)
      return ends.indices.map { index in
        let start = index == 0 ? 0 : ends[index - 1]
        return TextPiece(bytes: UnsafePointer(blocks.bytes) + start, count: ends[index] - start)
      }
    }
    return nil
  }

  /// Goes back to the first row.
  func rewind() throws(TrainingDataError) {
    blocks = try TextBlocks(path: path, blockByteCount: blockByteCount)
    while try blocks.fill(), blocks.count < firstRow, !blocks.isAtEnd {}
    blocks.consume(min(firstRow, blocks.count))
  }

  /// The error of a file without rows.
  var noRows: TrainingDataError { CSVHead.noRows(path) }

  /// The error of a file that is not what it was a moment ago.
  var changed: TrainingDataError {
    TrainingDataError(.readFailed, "\(path): the file changed while it was read")
  }

  /// Refuses names that no column has, with what was probably meant.
  func requireColumns(_ names: [String]) throws(TrainingDataError) {
    for name in names where !columnNames.contains(name) { throw .unknownColumn(name, of: columnNames, path: path) }
  }
}

/// The beginning of a file: how it is divided, and the names of its columns.
struct CSVHead {
  /// Bytes of empty lines before the first row: a file that has more would only fill the memory.
  private static let emptyByteLimit = 1 << 20

  let dialect: CSVDialect
  let names: [String]
  /// Where the first row begins, and on which line.
  let firstRow: Int, firstLine: Int
  /// The rows at hand.
  let rows: TextPiece

  /// Looks at the first block, and at more where that has no whole record.
  init(_ blocks: TextBlocks, path: String, reading: CSVReading) throws(TrainingDataError) {
    while true {
      _ = try blocks.fill()
      if let head = try CSVHead(blocks.bytes, blocks.count, isWhole: blocks.isAtEnd, path: path, reading: reading) {
        self = head
        return
      }
    }
  }

  /// Nil where more of the text is needed.
  private init?(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, isWhole: Bool, path: String, reading: CSVReading
  ) throws(TrainingDataError) {
    try Self.refuseUTF16(bytes, count, path)
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let skipped = count >= 3 && (0..<3).allSatisfy { bytes[$0] == mark[$0] } ? 3 : 0
    let text = TextPiece(bytes: bytes + skipped, count: count - skipped)
    try (isWhole ? text : text.endingWithCharacter).requireText(path: path, line: 1)
    dialect = try CSVDialect(of: text, isWhole: isWhole, reading: reading)
    let splitter = RecordSplitter(text.bytes, count: text.count, delimiter: dialect.delimiter, isAtEnd: isWhole)
    let whole = TextPiece(bytes: text.bytes, count: splitter.ends(pieces: 1).first ?? 0)
    var scanner = CSVScanner(whole, delimiter: dialect.delimiter, line: 1)
    scanner.skipEmptyLines()
    guard !scanner.isAtEnd else {
      if try Self.wantsMore(beyond: scanner.position, isWhole: isWhole, path: path) { return nil }
      throw TrainingDataError(.emptyDataset, "\(path): expected a table, got an empty file")
    }
    let start = scanner
    let fields = try Self.fields(of: &scanner, path: path)
    names = dialect.hasHeader ? try Self.names(fields, start, path: path) : fields.indices.map { "\($0)" }
    let row = dialect.hasHeader ? scanner : start
    scanner.skipEmptyLines()
    if dialect.hasHeader, scanner.isAtEnd {
      if try Self.wantsMore(beyond: scanner.position - row.position, isWhole: isWhole, path: path) { return nil }
      throw Self.noRows(path)
    }
    (firstRow, firstLine) = (skipped + row.position, row.line)
    rows = TextPiece(bytes: whole.bytes + row.position, count: whole.count - row.position)
  }

  /// Whether a row may still come behind so many bytes of empty lines.
  private static func wantsMore(
    beyond emptyByteCount: Int, isWhole: Bool, path: String
  ) throws(TrainingDataError) -> Bool {
    guard emptyByteCount > emptyByteLimit else { return !isWhole }
    throw TrainingDataError(
      .emptyDataset, "\(path): expected rows, got more than a mebibyte of empty lines",
      hint: "is it a table?")
  }

  static func noRows(_ path: String) -> TrainingDataError {
    TrainingDataError(
      .emptyDataset, "\(path): expected rows below the header, got none",
      hint: "if the first line is a row, say that there is no header")
  }

  private static func refuseUTF16(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ path: String
  ) throws(TrainingDataError) {
    if count >= 2, (bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff) {
      throw TrainingDataError(
        .unrecognizedFormat, "\(path): expected UTF-8 text, got UTF-16", hint: "save it as UTF-8")
    }
  }

  private static func fields(
    of scanner: inout CSVScanner, path: String
  ) throws(TrainingDataError) -> [CSVField] {
    var fields: [CSVField] = []
    let line = scanner.line
    do {
      repeat { fields.append(try scanner.next()) } while !fields[fields.count - 1].endsRecord
    } catch {
      throw .quoting(error, path: path, column: "field \(fields.count)")
    }
    guard fields.count <= CSVFile.columnLimit else {
      throw TrainingDataError(
        .invalidHeader, "\(path):\(line): expected \(CSVFile.columnLimit) columns at most, got \(fields.count)",
        hint: "is it a table with one sample a line?")
    }
    return fields
  }

  /// The fields as names: those that are empty are called by their position, and none may come twice.
  private static func names(
    _ fields: [CSVField], _ scanner: CSVScanner, path: String
  ) throws(TrainingDataError) -> [String] {
    var positions: [String: Int] = [:], names: [String] = []
    for (position, field) in fields.enumerated() {
      let text = field.text, name = text.isEmpty ? "column \(position)" : text
      if let first = positions.updateValue(position, forKey: name) {
        throw TrainingDataError(
          .invalidHeader,
          "\(path):\(scanner.line): expected a name of its own for each column, got '\(name)' for the columns "
            + "\(first) and \(position)",
          hint: "if the first line is a row, say that there is no header")
      }
      names.append(name)
    }
    return names
  }
}

extension TrainingDataError {
  /// A column was asked for that is not there.
  static func unknownColumn(_ name: String, of names: [String], path: String) -> TrainingDataError {
    // Of one letter every other is a slip.
    let near = name.count < 2 ? nil : Suggestion.nearest(to: name, among: names.filter { $0.utf8.count <= 64 })
    let known = names.count <= 20 ? "the columns are \(Suggestion.list(names))" : "there are \(names.count) columns"
    return TrainingDataError(
      .unknownColumn, "\(path): there is no column '\(name)'", hint: near.map { "did you mean '\($0)'?" } ?? known)
  }

  static func quoting(_ failure: CSVScanner.Failure, path: String, column: String) -> TrainingDataError {
    switch failure {
    case .openQuote(let line):
      TrainingDataError(
        .malformedText, "\(path):\(line): \(column) begins with a quote, and no other quote ends it",
        hint: "a quote inside quotes is written twice")
    case .textBehindQuote(let line):
      TrainingDataError(
        .malformedText,
        "\(path):\(line): expected a delimiter or the end of the line behind the quote that ends \(column)",
        hint: "a quote inside quotes is written twice")
    }
  }
}
