extension CSVFile {
  /// Reads all rows.
  ///
  /// Kinds that are not given are recognised from the first rows. Should a later row contradict, the whole file is looked
  /// at once for all columns, and read again: three passes at most, whatever the file holds.
  /// - Parameter kinds: what each column holds; nil where it is to be recognised.
  func readTable(kinds: [ColumnKind?]) throws(TrainingDataError) -> Table {
    if let table = try CSVTableReader(self, columns: guessedColumns(given: kinds)).read() { return table }
    let columns = try verifiedColumns(given: kinds)
    try rewind()
    guard let table = try CSVTableReader(self, columns: columns).read() else { throw changed }
    return table
  }
}

/// Reads the rows of a file into the cells of a table, the kinds of its columns being known.
struct CSVTableReader {
  private let file: CSVFile
  private let columns: [CSVColumn]
  private let slots: [Int?]
  private let cells: TableCells
  private let readers: [CSVPieceReader]
  private var lines = RowLines()
  private var rowCount = 0
  private var handedOver = 0
  /// The line on which the next piece begins.
  private var line: Int
  /// Which worker read how many rows, in their order.
  private var parts: [(rowCount: Int, worker: Int)] = []

  init(_ file: CSVFile, columns: [CSVColumn]) throws(TrainingDataError) {
    self.file = file
    self.columns = columns
    var width = 0
    slots = columns.map { column in
      guard column.kind != .ignored else { return nil }
      width += 1
      return width - 1
    }
    cells = try TableCells(width: width)
    readers = (0..<file.workers).map { _ in CSVPieceReader(file.layout, columns: columns) }
    line = file.firstLine
  }

  /// Reads all rows; nil when a column that was recognised as numbers has something else.
  consuming func read() throws(TrainingDataError) -> Table? {
    while let pieces = try file.nextBatch() { guard try read(pieces) else { return nil } }
    guard rowCount > 0 else { throw file.noRows }
    return try table()
  }

  /// Some rows, whose place the next ones take.
  struct Batch {
    let cells: TableCells
    let rowCount: Int
    let lines: RowLines
    /// Which worker read how many rows, in their order.
    let parts: [(rowCount: Int, worker: Int)]
    /// Nil where a column that was recognised as numbers has something else.
    var rows: Batch? { isContradiction ? nil : self }
    fileprivate var isContradiction = false
  }

  /// Rows that were handed over.
  var rowsRead: Int { handedOver }

  /// Reads the next rows and hands them over; nil at the end.
  ///
  /// Categories are numbered by each worker on its own; ``categories(ofColumn:worker:)`` has the texts.
  mutating func nextBatch() throws(TrainingDataError) -> Batch? {
    guard let pieces = try file.nextBatch() else { return nil }
    (rowCount, parts, lines) = (0, [], RowLines())
    let isRead = try read(pieces)
    handedOver += rowCount
    return Batch(cells: cells, rowCount: rowCount, lines: lines, parts: parts, isContradiction: !isRead)
  }

  /// The texts that a worker met in a column.
  func categories(ofColumn column: Int, worker: Int) -> CategoryIndex? { readers[worker].indexes[column] }

  /// Reads a piece on each thread, to where its rows come to lie if the pieces before have as many as they can.
  private mutating func read(_ pieces: [TextPiece]) throws(TrainingDataError) -> Bool {
    let limits = pieces.map { CSVPieceReader.rowLimit(of: $0, columns: columns.count) }
    try cells.reserve(rows: rowCount + limits.reduce(0, +))
    var places = [rowCount]
    for limit in limits { places.append(places[places.count - 1] + limit) }
    let outcomes = PieceResults<CSVPieceReader.Outcome>(count: pieces.count)
    // With one piece the line is known; with more it is when those before have been read.
    let cells = cells, readers = readers, starts = places, first = pieces.count == 1 ? line : 0
    outcomes.run { index in
      readers[index].read(
        pieces[index], line: first, to: cells.values + starts[index] * cells.width, rowLimit: limits[index])
    }
    for (index, piece) in pieces.enumerated() {
      switch outcomes[index] {
      case .read(let rows, let lines, let rowLines)?:
        if places[index] != rowCount { cells.move(rows: places[index]..<places[index] + rows, to: rowCount) }
        self.lines.append(rowLines, row: rowCount, line: line - first)
        parts.append((rows, index))
        rowCount += rows
        line += lines
      case .contradiction?: return false
      case .refused(let error)?: throw try refusal(error, of: piece, places[index])
      case nil: throw file.changed
      }
    }
    return true
  }

  /// The error that a single worker would have met, with its line.
  private func refusal(
    _ error: TrainingDataError, of piece: TextPiece, _ place: Int
  ) throws(TrainingDataError) -> TrainingDataError {
    let reader = CSVPieceReader(file.layout, columns: columns)
    let limit = CSVPieceReader.rowLimit(of: piece, columns: columns.count)
    let outcome = reader.read(piece, line: line, to: cells.values + place * cells.width, rowLimit: limit)
    if case .refused(let error) = outcome { return error }
    // The texts of the pieces before were counted too.
    return try tooManyTexts() ?? error
  }

  /// The error at the text that is one too many, found by reading the file again with one worker; nil if none is.
  private func tooManyTexts() throws(TrainingDataError) -> TrainingDataError? {
    try file.rewind()
    let reader = CSVPieceReader(file.layout, columns: columns)
    var line = file.firstLine
    while let pieces = try file.nextBatch() {
      for piece in pieces {
        let limit = CSVPieceReader.rowLimit(of: piece, columns: columns.count)
        try cells.reserve(rows: limit)
        switch reader.read(piece, line: line, to: cells.values, rowLimit: limit) {
        case .read(_, let lines, _): line += lines
        case .refused(let error): return error
        case .contradiction: return nil
        }
      }
    }
    return nil
  }

  /// What has been read, the categories in order.
  private func table() throws(TrainingDataError) -> Table {
    var tableColumns: [TableColumn] = [], renumbered: [RenumberedColumn] = []
    for (index, column) in columns.enumerated() {
      var categories: [String] = []
      if let slot = slots[index], column.kind == .categorical {
        let joined = try joinCategories(of: index, slot)
        categories = joined.names
        renumbered.append(joined.column)
      }
      tableColumns.append(
        TableColumn(
          name: file.columnNames[index], kind: column.kind, categories: categories, slot: slots[index],
          firstText: column.firstText))
    }
    renumber(renumbered)
    return Table(
      name: file.path, columns: tableColumns, rowCount: rowCount, hasHeader: file.hasHeader, format: .csv,
      cells: cells, lines: lines)
  }

  /// A column of categories, and the position among all in order for each worker's number of a text.
  private struct RenumberedColumn {
    let slot: Int
    let positions: [[Float]]
  }

  /// Joins what the workers met in a column.
  private func joinCategories(
    of column: Int, _ slot: Int
  ) throws(TrainingDataError) -> (names: [String], column: RenumberedColumn) {
    let all = CategoryIndex()
    var numbers: [[Int]] = [], isTooMany = false
    for reader in readers {
      var own: [Int] = []
      reader.indexes[column]?.forEach { text in
        if let number = all.number(of: text) { own.append(number) } else { isTooMany = true }
      }
      numbers.append(own)
    }
    if isTooMany { throw try tooManyTexts() ?? file.changed }
    let (names, positions) = all.sorted()
    return (names, RenumberedColumn(slot: slot, positions: numbers.map { $0.map { Float(positions[$0]) } }))
  }

  /// Rows that a thread renumbers at a time: they stay in its caches from column to column.
  private static let renumberedRows = 1024

  /// Gives each cell of a category the position of its text in place of a worker's number.
  private func renumber(_ columns: [RenumberedColumn]) {
    guard !columns.isEmpty else { return }
    let cells = cells, parts = parts, rowCount = rowCount, threads = file.workers
    PieceThreads.run(threads) { thread in
      let own = rowCount * thread / threads..<rowCount * (thread + 1) / threads
      var first = 0
      for part in parts {
        let rows = (first..<first + part.rowCount).clamped(to: own)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.renumberedRows) {
          let end = min(start + Self.renumberedRows, rows.upperBound)
          for column in columns {
            column.positions[part.worker].withUnsafeBufferPointer { positions in
              for row in start..<end {
                let cell = cells.values + row * cells.width + column.slot
                if !cell.pointee.isNaN { cell.pointee = positions[Int(cell.pointee)] }
              }
            }
          }
        }
        first += part.rowCount
      }
    }
  }
}
