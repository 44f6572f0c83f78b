import Glibc
import NeuronKernels

/// A file of comma-separated values whose text is in memory and whose columns are known by name.
struct CSVFile {
  /// Columns that a table may have; a file with more is more likely to be of another kind.
  static let columnLimit = 100_000

  let columnNames: [String]
  let hasHeader: Bool
  let missing: MissingTexts
  let text: TextFile
  /// Where the first row begins.
  let firstRow: CSVScanner

  var path: String { text.path }

  /// Reads the text and the names of the columns.
  ///
  /// - Throws: ``TrainingDataError`` when there is no text, no row below the header, or no name for each column.
  init(path: String, reading: CSVReading) throws(TrainingDataError) {
    text = try TextFile(path: path)
    missing = MissingTexts(reading.missingTexts)
    let dialect = try CSVDialect(of: text, reading: reading)
    var scanner = CSVScanner(text, delimiter: dialect.delimiter)
    scanner.skipEmptyLines()
    guard !scanner.isAtEnd else {
      throw TrainingDataError(.emptyDataset, "\(path): expected a table, got an empty file")
    }
    let start = scanner
    let fields = try Self.fields(of: &scanner, path: path)
    hasHeader = dialect.hasHeader
    columnNames = dialect.hasHeader ? try Self.names(fields, start) : fields.indices.map { "\($0)" }
    firstRow = dialect.hasHeader ? scanner : start
    scanner.skipEmptyLines()
    guard !dialect.hasHeader || !scanner.isAtEnd else {
      throw TrainingDataError(
        .emptyDataset, "\(path): expected rows below the header, got none",
        hint: "if the first line is a row, say that there is no header")
    }
  }

  private static func fields(
    of scanner: inout CSVScanner, path: String
  ) throws(TrainingDataError) -> [CSVScanner.Field] {
    var fields: [CSVScanner.Field] = []
    let line = scanner.line
    do {
      repeat { fields.append(try scanner.next()) } while !fields[fields.count - 1].endsRecord
    } catch {
      throw .quoting(error, path: path, column: "field \(fields.count)")
    }
    guard fields.count <= columnLimit else {
      throw TrainingDataError(
        .invalidHeader, "\(path):\(line): expected \(columnLimit) columns at most, got \(fields.count)",
        hint: "is it a table with one sample a line?")
    }
    return fields
  }

  /// The fields as names: those that are empty are called by their position, and none may come twice.
  private static func names(
    _ fields: [CSVScanner.Field], _ scanner: CSVScanner
  ) throws(TrainingDataError) -> [String] {
    var positions: [String: Int] = [:], names: [String] = []
    for (position, field) in fields.enumerated() {
      let text = scanner.text(of: field), name = text.isEmpty ? "column \(position)" : text
      if let first = positions.updateValue(position, forKey: name) {
        throw TrainingDataError(
          .invalidHeader,
          "\(scanner.path):\(scanner.line): expected a name of its own for each column, got '\(name)' for the columns "
            + "\(first) and \(position)",
          hint: "if the first line is a row, say that there is no header")
      }
      names.append(name)
    }
    return names
  }

  /// Refuses names that no column has, with what was probably meant.
  func requireColumns(_ names: [String]) throws(TrainingDataError) {
    for name in names where !columnNames.contains(name) { throw .unknownColumn(name, of: columnNames, path: path) }
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
