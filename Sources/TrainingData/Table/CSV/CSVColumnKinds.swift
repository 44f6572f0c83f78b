/// What is known of a column while it is read.
struct CSVColumn: Sendable {
  var kind: ColumnKind
  let isGiven: Bool
  /// Whether every row of the file has been looked at.
  var isVerified = false
  var firstText: (line: Int, text: String)?

  /// What is given, and numbers unless it turns out otherwise.
  init(given: ColumnKind?) {
    kind = given ?? .numeric
    isGiven = given != nil
  }
}

extension CSVLayout {
  /// Calls a column categorical if one of its values in a piece is no number.
  ///
  /// - Parameters:
  ///   - columns: what is given and known; receives what was found.
  ///   - line: the line on which the piece begins.
  /// - Returns: the line on which the piece ends.
  func recognizeKinds(
    in piece: TextPiece, line: Int, rowLimit: Int, columns: inout [CSVColumn]
  ) throws(TrainingDataError) -> Int {
    var scanner = CSVScanner(piece, delimiter: delimiter, line: line), row = 0
    while row < rowLimit, !skipToRow(&scanner) {
      let line = scanner.line
      var index = 0, endsRecord = false
      while !endsRecord {
        let field = try next(&scanner, index)
        endsRecord = field.endsRecord
        if index < columns.count, !columns[index].isGiven, columns[index].kind == .numeric,
          field.number == .other, !isMissing(field)
        {
          columns[index].kind = .categorical
          columns[index].firstText = (line, field.text)
        }
        index += 1
      }
      try requireWidth(index, line: line)
      row += 1
    }
    return scanner.line
  }
}

extension CSVFile {
  /// Rows from which kinds are guessed.
  static let sampledRows = 1000

  /// What the first rows are like.
  func guessedColumns(given: [ColumnKind?]) throws(TrainingDataError) -> [CSVColumn] {
    var columns = given.map(CSVColumn.init(given:))
    _ = try layout.recognizeKinds(in: sample, line: firstLine, rowLimit: Self.sampledRows, columns: &columns)
    return columns
  }

  /// What all rows are like, from the first on; the file is read to its end.
  func verifiedColumns(given: [ColumnKind?]) throws(TrainingDataError) -> [CSVColumn] {
    var columns = given.map(CSVColumn.init(given:)), line = firstLine
    try rewind()
    while let pieces = try nextBatch() {
      let layout = layout, known = columns
      let found = PieceResults<(columns: [CSVColumn], lines: Int)>(count: pieces.count)
      found.run { index in
        var columns = known
        do throws(TrainingDataError) {
          let line = try layout.recognizeKinds(in: pieces[index], line: 0, rowLimit: .max, columns: &columns)
          return (columns, line)
        } catch { return nil }
      }
      for index in pieces.indices {
        guard let (piece, lines) = found[index] else {
          // Only now is it known on which line the piece begins.
          _ = try layout.recognizeKinds(in: pieces[index], line: line, rowLimit: .max, columns: &columns)
          throw changed
        }
        // A piece before may have found the first text already.
        for column in columns.indices where columns[column].kind == .numeric && piece[column].kind == .categorical {
          columns[column] = piece[column]
          if let first = piece[column].firstText { columns[column].firstText = (line + first.line, first.text) }
        }
        line += lines
      }
    }
    for column in columns.indices { columns[column].isVerified = true }
    return columns
  }
}
