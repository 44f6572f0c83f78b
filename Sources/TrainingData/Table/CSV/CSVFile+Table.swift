import Glibc

extension CSVFile {
  /// Reads all rows.
  ///
  /// Kinds that are not given are recognised from the first rows. Should a later row contradict, the whole file is looked
  /// at once for all columns, and read again: three passes at most, whatever the file holds.
  /// - Parameter kinds: what each column holds; nil where it is to be recognised.
  func readTable(kinds: [ColumnKind?]) throws(TrainingDataError) -> Table {
    var guessed = try recognizeKinds(given: kinds, rowLimit: 1000)
    var reader = try CSVTableReader(self, columns: guessed)
    if try reader.read() { return reader.table() }
    guessed = try recognizeKinds(given: kinds, rowLimit: .max)
    reader = try CSVTableReader(self, columns: guessed)
    let isRead = try reader.read()
    precondition(isRead, "a column that is a number in every row isn't")
    return reader.table()
  }

  /// What is known of a column while it is read.
  struct Column {
    var kind: ColumnKind
    let isGiven: Bool
    var firstText: (line: Int, text: String)?
  }

  /// Calls a column categorical if one of its values is no number.
  private func recognizeKinds(given: [ColumnKind?], rowLimit: Int) throws(TrainingDataError) -> [Column] {
    var columns = given.map { Column(kind: $0 ?? .numeric, isGiven: $0 != nil) }
    var scanner = firstRow, row = 0
    while row < rowLimit, try !skipToRow(&scanner) {
      let line = scanner.line
      var index = 0, endsRecord = false
      while !endsRecord {
        let field = try next(&scanner, index)
        endsRecord = field.endsRecord
        if index < columns.count, !columns[index].isGiven, columns[index].kind == .numeric,
          scanner.number(in: field) == .other, !isMissing(field, scanner)
        {
          columns[index].kind = .categorical
          columns[index].firstText = (line, scanner.text(of: field))
        }
        index += 1
      }
      try requireWidth(index, line: line)
      row += 1
    }
    return columns
  }

  /// Whether the text has ended; if not, steps over empty lines that are no rows.
  @inline(__always)
  func skipToRow(_ scanner: inout CSVScanner) throws(TrainingDataError) -> Bool {
    // In a single column an empty line is a row whose value is missing.
    while !scanner.isAtEnd, columnNames.count > 1, scanner.isAtEmptyLine { _ = try next(&scanner, 0) }
    return scanner.isAtEnd
  }

  @inline(__always)
  func next(_ scanner: inout CSVScanner, _ column: Int) throws(TrainingDataError) -> CSVScanner.Field {
    do {
      return try scanner.next()
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

  func isMissing(_ field: CSVScanner.Field, _ scanner: CSVScanner) -> Bool {
    // A text with quotes in it stands for itself.
    !field.hasDoubledQuotes
      && missing.contains(UnsafeBufferPointer(start: scanner.bytes + field.start, count: field.end - field.start))
  }

  /// What messages call a column.
  func column(_ index: Int) -> String {
    index < columnNames.count ? "column '\(columnNames[index])'" : "field \(index)"
  }

  /// More rows than this the text cannot have: each takes a byte a column and a line end.
  var rowLimit: Int {
    var lineEnds = 1
    for position in 0..<text.count {
      let byte = text.bytes[position]
      lineEnds += byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") ? 1 : 0
    }
    return min(lineEnds, text.count / columnNames.count + 1)
  }
}

/// Reads the rows of a file into the cells of a table, the kinds of its columns being known.
struct CSVTableReader {
  private let file: CSVFile
  private let columns: [CSVFile.Column]
  private let slots: [Int?]
  private let cells: TableCells
  private let indexes: [CategoryIndex?]
  private var lines = RowLines()
  private var rowCount = 0

  init(_ file: CSVFile, columns: [CSVFile.Column]) throws(TrainingDataError) {
    self.file = file
    self.columns = columns
    var width = 0
    slots = columns.map { column in
      guard column.kind != .ignored else { return nil }
      width += 1
      return width - 1
    }
    indexes = columns.map { $0.kind == .categorical ? CategoryIndex() : nil }
    cells = try TableCells(width: width, capacity: file.rowLimit)
  }

  /// Reads all rows; false when a column that was recognised as numbers has something else.
  mutating func read() throws(TrainingDataError) -> Bool {
    var scanner = file.firstRow, scratch: [UInt8] = []
    let kinds = columns.map(\.kind), takesNumbers = !file.missing.includesNumber
    while try !file.skipToRow(&scanner) {
      precondition(rowCount < cells.capacity, "more rows than bytes for them")
      let line = scanner.line
      var cell = cells.values + rowCount * cells.width
      var index = 0, endsRecord = false
      while !endsRecord {
        guard index < kinds.count else {
          throw try tooMany(&scanner, from: index, line: line)
        }
        switch kinds[index] {
        case .numeric:
          if takesNumbers, let number = scanner.nextNumber() {
            cell.initialize(to: number.value)
            endsRecord = number.endsRecord
          } else {
            let field = try file.next(&scanner, index)
            guard let value = try number(in: field, scanner, index, line: line) else { return false }
            cell.initialize(to: value)
            endsRecord = field.endsRecord
          }
          cell += 1
        case .categorical:
          let field = try file.next(&scanner, index)
          cell.initialize(to: try category(in: field, scanner, index, line: line, &scratch))
          endsRecord = field.endsRecord
          cell += 1
        case .ignored:
          endsRecord = try file.next(&scanner, index).endsRecord
        }
        index += 1
      }
      if index != kinds.count { try file.requireWidth(index, line: line) }
      lines.append(row: rowCount, line: line)
      rowCount += 1
    }
    return true
  }

  /// The number that a field holds around spaces or quotes, NaN where it is missing; nil when the column is no numeric one.
  @inline(never)
  private func number(
    in field: CSVScanner.Field, _ scanner: CSVScanner, _ index: Int, line: Int
  ) throws(TrainingDataError) -> Float? {
    if file.missing.includesNumber, file.isMissing(field, scanner) { return .nan }
    switch scanner.number(in: field) {
    case .number(let value, _): return value
    case .tooLarge:
      throw invalid(scanner.text(of: field), index, line: line, hint: "it is too large for single precision")
    case .other:
      if file.isMissing(field, scanner) { return .nan }
      guard columns[index].isGiven else { return nil }
      throw invalid(scanner.text(of: field), index, line: line, hint: Self.hint(scanner.text(of: field)))
    }
  }

  private func category(
    in field: CSVScanner.Field, _ scanner: CSVScanner, _ index: Int, line: Int, _ scratch: inout [UInt8]
  ) throws(TrainingDataError) -> Float {
    if file.isMissing(field, scanner) { return .nan }
    let categories = indexes[index].unsafelyUnwrapped
    let number: Int?
    if let bytes = scanner.contents(of: field, scratch: &scratch) {
      number = categories.number(of: bytes)
    } else {
      number = scratch.withUnsafeBufferPointer { categories.number(of: $0) }
    }
    guard let number else {
      throw TrainingDataError(
        .invalidValue,
        "\(file.path):\(line): \(file.column(index)) has more than \(CategoryIndex.limit) different texts",
        hint: "ignore the column")
    }
    return Float(number)
  }

  private func invalid(_ text: String, _ index: Int, line: Int, hint: String?) -> TrainingDataError {
    TrainingDataError(
      .invalidValue, "\(file.path):\(line): \(file.column(index)) must be a finite number, but is \(text.shown)",
      hint: hint)
  }

  /// What a text that is no number may have been meant as.
  private static func hint(_ text: String) -> String? {
    let isDecimalComma =
      text.contains(",") && text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-,".utf8.contains($0) }
    if isDecimalComma { return "decimals have a point, and thousands no comma" }
    return text.isEmpty || text.utf8.count > 16
      ? nil : "if \(text.shown) stands for a missing value, name it among those texts"
  }

  private func tooMany(
    _ scanner: inout CSVScanner, from index: Int, line: Int
  ) throws(TrainingDataError) -> TrainingDataError {
    var width = index
    while try !file.next(&scanner, width).endsRecord { width += 1 }
    do {
      try file.requireWidth(width + 1, line: line)
    } catch { return error }
    preconditionFailure("a record is wider than the header and is not")
  }

  /// What has been read, the categories in order.
  func table() -> Table {
    var tableColumns: [TableColumn] = []
    for (index, column) in columns.enumerated() {
      var categories: [String] = []
      if let slot = slots[index], let texts = indexes[index] {
        let (names, positions) = texts.sorted()
        categories = names
        for row in 0..<rowCount where !cells[row, slot].isNaN {
          cells.values[row * cells.width + slot] = Float(positions[Int(cells[row, slot])])
        }
      }
      tableColumns.append(
        TableColumn(
          name: file.columnNames[index], kind: column.kind, categories: categories, slot: slots[index],
          firstText: column.firstText))
    }
    return Table(
      name: file.path, columns: tableColumns, rowCount: rowCount, hasHeader: file.hasHeader, cells: cells, lines: lines)
  }
}

extension String {
  /// The text in quotation marks for a message, on one line and not too long.
  var shown: String {
    let flat = unicodeScalars.prefix(60).map { $0.value < 0x20 || $0.value == 0x7f ? "\u{fffd}" : String($0) }.joined()
    return unicodeScalars.count > 60 ? "'\(flat)…'" : "'\(flat)'"
  }
}
