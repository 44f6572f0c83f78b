import Glibc

/// How the records of a file are divided, and what its columns are called.
struct CSVLayout: Sendable {
  let path: String
  let columnNames: [String]
  let hasHeader: Bool
  let delimiter: UInt8
  let missing: MissingTexts

  /// Whether the text has ended; if not, steps over empty lines that are no rows.
  @inline(__always)
  func skipToRow(_ scanner: inout CSVScanner) -> Bool {
    // In a single column an empty line is a row whose value is missing.
    if columnNames.count > 1 { scanner.skipEmptyLines() }
    return scanner.isAtEnd
  }

  @inline(__always)
  func next(_ scanner: inout CSVScanner, _ column: Int) throws(TrainingDataError) -> CSVField {
    do {
      return try scanner.next()
    } catch {
      throw .quoting(error, path: path, column: self.column(column))
    }
  }

  /// The same where the separators are known.
  @inline(__always)
  func next(
    _ scanner: inout CSVScanner, _ separators: CSVSeparators, _ column: Int
  ) throws(TrainingDataError) -> CSVField {
    do {
      return try scanner.next(separators)
    } catch {
      throw .quoting(error, path: path, column: self.column(column))
    }
  }

  func requireWidth(_ width: Int, line: Int) throws(TrainingDataError) {
    guard width != columnNames.count else { return }
    let source = hasHeader ? "as in the header" : "as in the first line"
    throw TrainingDataError(
      .malformedText,
      "\(path):\(line): expected \(columnNames.count) \(columnNames.count == 1 ? "field" : "fields") \(source), "
        + "got \(width)",
      hint: "fields with delimiters or line ends belong between quotes")
  }

  @inline(__always)
  func isMissing(_ field: CSVField) -> Bool {
    // A text with quotes in it stands for itself.
    !field.hasDoubledQuotes && missing.contains(field.bytes)
  }

  /// What messages call a column.
  func column(_ index: Int) -> String {
    index < columnNames.count ? "column '\(columnNames[index])'" : "field \(index)"
  }
}
