import CTextScan

/// Reads pieces of a file into cells, one behind the other; each worker has one of its own.
///
/// - Concurrency: used by one thread at a time.
final class CSVPieceReader: @unchecked Sendable {
  /// What came of a piece.
  enum Outcome {
    /// All rows were read, in so many lines.
    case read(rows: Int, lines: Int, RowLines)
    /// A column that was recognised as numbers has something else.
    case contradiction
    /// A row was refused; its line counts from the piece's first.
    case refused(TrainingDataError)
  }

  /// The categories that this worker met, for each column that has some.
  let indexes: [CategoryIndex?]
  private let layout: CSVLayout
  private let columns: [CSVColumn]
  private let kinds: UnsafeMutableBufferPointer<ColumnKind>
  /// The same as ``indexes``, to be used without being counted; a column without categories has an empty one.
  private let categories: UnsafeMutableBufferPointer<Unmanaged<CategoryIndex>>
  private let noCategories = CategoryIndex()
  private var scratch: [UInt8] = []
  private let separators = CSVSeparators()

  init(_ layout: CSVLayout, columns: [CSVColumn]) {
    self.layout = layout
    self.columns = columns
    let indexes = columns.map { $0.kind == .categorical ? CategoryIndex() : nil }, none = noCategories
    self.indexes = indexes
    kinds = .allocate(capacity: columns.count)
    _ = kinds.initialize(from: columns.map(\.kind))
    categories = .allocate(capacity: columns.count)
    _ = categories.initialize(from: indexes.map { Unmanaged.passUnretained($0 ?? none) })
  }

  deinit {
    kinds.deallocate()
    categories.deallocate()
  }

  /// Reads the rows of a piece.
  ///
  /// - Parameters:
  ///   - line: the line on which the piece begins.
  ///   - cells: receives the cells of columns that are kept, row-major.
  ///   - rowLimit: the rows that there is room for, which is at least ``rowLimit(of:columns:)`` (checked).
  func read(
    _ piece: TextPiece, line: Int, to cells: UnsafeMutablePointer<Float>, rowLimit: Int
  ) -> Outcome {
    do throws(TrainingDataError) {
      try piece.requireText(path: layout.path, line: line)
      return try readRows(piece, line: line, to: cells, rowLimit: rowLimit)
    } catch {
      return .refused(error)
    }
  }

  private func readRows(
    _ piece: TextPiece, line firstLine: Int, to cells: UnsafeMutablePointer<Float>, rowLimit: Int
  ) throws(TrainingDataError) -> Outcome {
    var scanner = CSVScanner(piece, delimiter: layout.delimiter, line: firstLine)
    var cell = cells, rowCount = 0, lines = RowLines()
    separators.reset()
    let separators = separators, kinds = kinds, categories = categories
    let takesNumbers = !layout.missing.includesNumber, takesEmpty = layout.missing.includesEmpty, width = kinds.count
    while !layout.skipToRow(&scanner) {
      let line = scanner.line
      // Whatever the text is, nothing is written beyond the cells: a wrong limit shall end the process, not spoil its memory.
      precondition(rowCount < rowLimit, "expected \(rowLimit) rows at most in a piece of \(piece.count) bytes")
      var index = 0, endsRecord = false
      while !endsRecord {
        guard index < width else { throw try tooMany(scanner, from: index, line: line) }
        switch kinds[index] {
        case .numeric:
          if takesNumbers, let number = scanner.nextNumber(separators, emptyIsMissing: takesEmpty) {
            cell.initialize(to: number.value)
            endsRecord = number.endsRecord
          } else {
            let field = try layout.next(&scanner, separators, index)
            guard let value = try number(in: field, index, line: line) else { return .contradiction }
            cell.initialize(to: value)
            endsRecord = field.endsRecord
          }
          cell += 1
        case .categorical:
          let field = try layout.next(&scanner, separators, index)
          cell.initialize(to: try category(in: field, index, line: line, categories[index]))
          endsRecord = field.endsRecord
          cell += 1
        case .ignored:
          endsRecord = try layout.next(&scanner, separators, index).endsRecord
        }
        index += 1
      }
      if index != width { try layout.requireWidth(index, line: line) }
      lines.append(row: rowCount, line: line)
      rowCount += 1
    }
    return .read(rows: rowCount, lines: scanner.line - firstLine, lines)
  }

  /// More rows than this a piece cannot have, one that is refused for want of fields counted as well, for cells are written as
  /// they come: each row takes a byte a column, the last without its line end, and the refused one a byte at least.
  static func rowLimit(of piece: TextPiece, columns: Int) -> Int {
    guard piece.count > 0 else { return 0 }
    let last = piece.bytes[piece.count - 1], isWhole = last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r")
    // What follows the piece is no part of a return at its end.
    let lines = text_scan_line_ends(piece.bytes, piece.count - 1) + 1
    return min(lines, (piece.count + (isWhole ? 0 : 1) + columns - 1) / columns)
  }

  /// The number that a field holds around spaces or quotes, NaN where it is missing; nil when the column is no numeric one.
  @inline(never)
  private func number(
    in field: CSVField, _ index: Int, line: Int
  ) throws(TrainingDataError) -> Float? {
    if layout.missing.includesNumber, layout.isMissing(field) { return .nan }
    switch field.number {
    case .number(let value, _): return value
    case .tooLarge:
      // A text further down would make it a category.
      guard columns[index].isGiven || columns[index].isVerified else { return nil }
      throw invalid(field.text, index, line: line, hint: "it is too large for single precision")
    case .other:
      if layout.isMissing(field) { return .nan }
      guard columns[index].isGiven else { return nil }
      throw invalid(field.text, index, line: line, hint: Self.hint(field.text))
    }
  }

  @inline(__always)
  private func category(
    in field: CSVField, _ index: Int, line: Int, _ categories: Unmanaged<CategoryIndex>
  ) throws(TrainingDataError) -> Float {
    if layout.isMissing(field) { return .nan }
    let number =
      field.hasDoubledQuotes
      ? doubledNumber(of: field, categories)
      : categories._withUnsafeGuaranteedRef { $0.number(of: field.bytes) }
    guard let number else { throw layout.tooManyTexts(index, line: line) }
    return Float(number)
  }

  /// The number of a text that has quotes in it.
  @inline(never)
  private func doubledNumber(
    of field: CSVField, _ categories: Unmanaged<CategoryIndex>
  ) -> Int? {
    field.withContents(scratch: &scratch) { text in
      categories._withUnsafeGuaranteedRef { $0.number(of: text) }
    }
  }

  private func invalid(_ text: String, _ index: Int, line: Int, hint: String?) -> TrainingDataError {
    TrainingDataError(
      .invalidValue,
      "\(layout.path):\(line): \(layout.column(index)) must be a finite number, but is \(text.shown)", hint: hint)
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
    _ scanner: CSVScanner, from index: Int, line: Int
  ) throws(TrainingDataError) -> TrainingDataError {
    var scanner = scanner
    var width = index
    while try !layout.next(&scanner, width).endsRecord { width += 1 }
    do {
      try layout.requireWidth(width + 1, line: line)
    } catch { return error }
    preconditionFailure("a record is wider than the header and is not")
  }
}

extension CSVLayout {
  func tooManyTexts(_ index: Int, line: Int) -> TrainingDataError {
    TrainingDataError(
      .invalidValue, "\(path):\(line): \(column(index)) has more than \(CategoryIndex.limit) different texts",
      hint: "ignore the column")
  }
}

extension String {
  /// The text in quotation marks for a message, on one line and not too long.
  var shown: String {
    let flat = unicodeScalars.prefix(60).map { $0.value < 0x20 || $0.value == 0x7f ? "\u{fffd}" : String($0) }.joined()
    return unicodeScalars.count > 60 ? "'\(flat)…'" : "'\(flat)'"
  }
}
