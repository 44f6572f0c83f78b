/// A sparse text, read twice: for its size, and for its values.
struct LIBSVMFile {
  private static let blockByteCount = 4 << 20

  let path: String
  let reading: LIBSVMReading
  let progress: ReadingProgress?

  /// How many rows there are, and which indices.
  private struct Extent {
    var rowCount = 0, smallest = Int.max, largest = -1
    /// The lines of the smallest and the largest index.
    var smallestLine = 1, largestLine = 1

    mutating func add(_ index: Int, line: Int) {
      if index < smallest { (smallest, smallestLine) = (index, line) }
      if index > largest { (largest, largestLine) = (index, line) }
    }
  }

  func readTable() throws(TrainingDataError) -> Table {
    var extent = Extent()
    try forEachLine(progressFrom: 0) { (lines) throws(TrainingDataError) in
      let line = lines.line
      let found = try lines.next { (index, _) throws(TrainingDataError) in extent.add(index, line: line) }
      if case .sample = found { extent.rowCount += 1 }
    }
    guard extent.rowCount > 0 else {
      throw TrainingDataError(.emptyDataset, "\(path): expected a sample a line, got none")
    }
    let (first, featureCount) = try indices(extent)
    return try read(rowCount: extent.rowCount, first: first, featureCount: featureCount)
  }

  /// The first index and how many there are.
  private func indices(_ extent: Extent) throws(TrainingDataError) -> (first: Int, count: Int) {
    let first =
      switch reading.firstIndex {
      case .automatic: extent.smallest == 0 ? 0 : 1
      case .zero: 0
      case .one: 1
      }
    if extent.smallest < first {
      throw TrainingDataError(
        .invalidValue, "\(path):\(extent.smallestLine): expected indices from 1 on, got 0",
        hint: "if they count from 0, say that the first index is 0")
    }
    let found = extent.largest - first + 1, count = reading.featureCount ?? max(found, 0)
    guard found <= count else {
      throw TrainingDataError(
        .invalidValue,
        "\(path):\(extent.largestLine): expected indices up to \(count + first - 1), got \(extent.largest)",
        hint: "\(count) features were asked for, counted from \(first)")
    }
    guard count > 0 else {
      throw TrainingDataError(.emptyDataset, "\(path): expected a feature in one of the lines, got none")
    }
    guard count < CSVFile.columnLimit else {
      throw TrainingDataError(
        .invalidValue,
        "\(path):\(extent.largestLine): expected less than \(CSVFile.columnLimit) features, got \(count)",
        hint: "zeros are kept in memory too, so sets of very many features are not read")
    }
    return (first, count)
  }

  private func read(rowCount: Int, first: Int, featureCount: Int) throws(TrainingDataError) -> Table {
    let width = featureCount + 1
    let (values, overflows) = rowCount.multipliedReportingOverflow(by: 4 * width)
    guard !overflows, values <= reading.byteLimit else {
      throw TrainingDataError(
        .outOfMemory,
        "\(path): \(rowCount) samples of \(featureCount) features take \(overflows ? "too much memory" : "\(values) bytes"), "
          + "and may take \(reading.byteLimit)", hint: "zeros are kept in memory too; take fewer samples or features")
    }
    let cells = try TableCells(width: width)
    // One row more is room for what the last line may hold beside a sample.
    try cells.reserve(rows: rowCount + 1)
    var lines = RowLines(), row = 0
    try forEachLine(progressFrom: 0.5) { (text) throws(TrainingDataError) in
      let line = text.line, cell = cells.values + row * width
      cell.update(repeating: 0, count: width)
      let found = try text.next { (index, value) throws(TrainingDataError) in
        guard index >= first, index - first < featureCount else { throw changed }
        cell[index - first + 1] = value
      }
      guard case .sample(let label) = found else { return }
      // The file may have grown since it was measured.
      guard row < rowCount else { throw changed }
      cell[0] = label
      lines.append(row: row, line: line)
      row += 1
    }
    guard row == rowCount else { throw changed }
    let names = [Table.libsvmLabel] + (first..<first + featureCount).map { "\($0)" }
    let columns = names.enumerated().map { index, name in
      TableColumn(name: name, kind: .numeric, categories: [], slot: index, firstText: nil)
    }
    return Table(
      name: path, columns: columns, rowCount: rowCount, hasHeader: false, format: .libsvm, cells: cells, lines: lines)
  }

  private var changed: TrainingDataError {
    TrainingDataError(.readFailed, "\(path): the file changed while it was read")
  }

  /// Calls `body` at the start of each line, which it reads.
  private func forEachLine(
    progressFrom start: Double, _ body: (inout LIBSVMLines) throws(TrainingDataError) -> Void
  ) throws(TrainingDataError) {
    let blocks = try TextBlocks(path: path, blockByteCount: Self.blockByteCount)
    var line = 1, isFirst = true
    while try blocks.fill() {
      var text = TextPiece(bytes: UnsafePointer(blocks.bytes), count: try wholeLines(blocks))
      guard text.count > 0 else { continue }
      blocks.consume(text.count)
      if isFirst { text = text.withoutMark }
      isFirst = false
      try text.requireText(path: path, line: line)
      var lines = LIBSVMLines(text, path: path, line: line)
      while !lines.isAtEnd { try body(&lines) }
      line = lines.line
      progress?(start + blocks.progress / 2)
    }
  }

  /// Bytes up to the last line feed; all at the end of the text.
  private func wholeLines(_ blocks: TextBlocks) throws(TrainingDataError) -> Int {
    if blocks.isAtEnd { return blocks.count }
    var end = blocks.count
    while end > 0, blocks.bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return end
  }
}

extension TextPiece {
  /// The text behind a byte order mark.
  fileprivate var withoutMark: TextPiece {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    guard count >= 3, mark.indices.allSatisfy({ bytes[$0] == mark[$0] }) else { return self }
    return TextPiece(bytes: bytes + 3, count: count - 3)
  }
}
