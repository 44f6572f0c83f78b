/// Turns a table into arrays of NumPy, in memory that does not grow with the file.
///
/// What is larger than memory as text is a quarter to a half of that as an array, and is read without being understood again.
///
///     let result = try TableConversion("clicks.csv", label: "bought").write(features: "x.npy", labels: "y.npy")
///
/// The text is read batch by batch, as ``Table/csv(_:reading:workers:progress:)`` does, and its rows are written as they come.
/// Columns must hold numbers without gaps, but for the label's, which may hold texts: those become classes from 0 in the order
/// of their bytes.
public struct TableConversion: Sendable {
  /// What was written.
  public struct Result: Sendable, Hashable {
    /// Rows of the arrays.
    public let rowCount: Int
    /// What the features' columns were called, in their order.
    public let featureNames: [String]
    /// The texts of the label, in the order of the classes; nil where it holds numbers or there is none.
    public let classNames: [String]?
  }

  private let path: String
  private let label: String?
  private let reading: CSVReading
  private let workers: Int?
  private let pieceByteCount: Int

  /// Plans a conversion.
  ///
  /// - Parameters:
  ///   - path: the table, plain or with gzip.
  ///   - label: the column that goes to an array of its own; nil for none.
  ///   - reading: how the table is divided, and which columns are ignored.
  ///   - workers: how many threads read; as many as the budget allows when left out.
  public init(_ path: String, label: String?, reading: CSVReading = CSVReading(), workers: Int? = nil) {
    self.init(path, label: label, reading: reading, workers: workers, pieceByteCount: CSVFile.pieceByteCount)
  }

  /// The same with pieces of another size.
  package init(_ path: String, label: String?, reading: CSVReading, workers: Int?, pieceByteCount: Int) {
    self.path = path
    self.label = label
    self.reading = reading
    self.workers = workers
    self.pieceByteCount = pieceByteCount
  }

  /// Writes the features as `<f4` of shape (rows, columns), and the label as `<f4` or, where it holds texts, `<i4` of shape
  /// (rows).
  ///
  /// Files are complete when they appear under their names; what stood there is replaced.
  ///
  /// - Throws: ``TrainingDataError`` for a table that cannot be read, a label that is not there, a column of texts, a missing
  ///   value, and files that cannot be written; nothing is left behind then.
  /// - Complexity: O(bytes); takes memory for a few megabytes for each thread and for the label's different texts.
  public func write(
    features: String, labels: String?, progress: ReadingProgress? = nil
  ) throws(TrainingDataError) -> Result {
    guard (label == nil) == (labels == nil) else {
      throw TrainingDataError(.invalidArgument, "expected a file for the labels where there is a label, and only there")
    }
    let file = try CSVFile(
      path: path, reading: reading, workers: workers, progress: progress, pieceByteCount: pieceByteCount)
    try file.requireColumns(reading.kinds.keys.sorted() + (label.map { [$0] } ?? []))
    let kinds = file.columnNames.map { reading.kinds[$0] }
    if let result = try pass(file, try file.guessedColumns(given: kinds), features, labels) { return result }
    let columns = try file.verifiedColumns(given: kinds)
    try file.rewind()
    guard let result = try pass(file, columns, features, labels) else { throw file.changed }
    return result
  }

  /// Reads all rows and writes them; nil where a column turned out to hold something else.
  private func pass(
    _ file: CSVFile, _ columns: [CSVColumn], _ features: String, _ labels: String?
  ) throws(TrainingDataError) -> Result? {
    let split = try ConvertedColumns(file, columns, label: label)
    let featureFile = try NPYWriter(path: features, elementType: "<f4", width: split.featureCount)
    let labelFile = try labels.map { (labels) throws(TrainingDataError) in
      try NPYWriter(path: labels, elementType: split.labelHasTexts ? "<i4" : "<f4", width: nil)
    }
    var reader = try CSVTableReader(file, columns: columns), rowCount = 0
    let texts = SharedCategories(workers: file.workers)
    while let batch = try reader.nextBatch() {
      guard let batch = batch.rows else { return nil }
      try split.requireNoGap(batch)
      try featureFile.append(split.features(of: batch))
      if let labelFile, let slot = split.labelSlot {
        guard split.labelHasTexts else {
          try labelFile.append(split.labels(of: batch, slot))
          continue
        }
        try labelFile.append(
          texts.numbers(of: batch, slot) { worker in reader.categories(ofColumn: split.labelColumn, worker: worker) })
      }
    }
    rowCount = reader.rowsRead
    guard rowCount > 0 else { throw file.noRows }
    var classNames: [String]?
    if split.labelHasTexts, let labelFile {
      let (names, positions) = texts.sorted()
      try labelFile.renumber(positions)
      classNames = names
    }
    try labelFile?.finish(rowCount: rowCount)
    try featureFile.finish(rowCount: rowCount)
    return Result(rowCount: rowCount, featureNames: split.featureNames, classNames: classNames)
  }
}

/// Which columns go where.
private final class ConvertedColumns {
  let labelColumn: Int
  /// Where the label stands in a row of cells; nil without one.
  let labelSlot: Int?
  let labelHasTexts: Bool
  let featureNames: [String]
  private let path: String
  private let names: [String]
  /// Where each feature stands in a row of cells.
  private let slots: [Int]
  private let memory = GrowingMemory()
  private let labelMemory = GrowingMemory()

  var featureCount: Int { slots.count }

  init(_ file: CSVFile, _ columns: [CSVColumn], label: String?) throws(TrainingDataError) {
    path = file.path
    var slot = 0, slots: [Int] = [], features: [String] = [], labelSlot: Int?, names: [String] = []
    for (index, column) in columns.enumerated() where column.kind != .ignored {
      let name = file.columnNames[index]
      names.append(name)
      if name == label {
        labelSlot = slot
      } else {
        guard column.kind == .numeric else {
          let first = column.firstText.map { ", but line \($0.line) has \($0.text.shown)" } ?? ""
          throw TrainingDataError(
            .invalidValue, "\(file.path): column '\(name)' must hold numbers to become part of an array\(first)",
            hint: "ignore the column")
        }
        slots.append(slot)
        features.append(name)
      }
      slot += 1
    }
    guard !slots.isEmpty else {
      throw TrainingDataError(.emptyDataset, "\(file.path): expected a column of numbers beside the label, got none")
    }
    labelColumn = label.flatMap { file.columnNames.firstIndex(of: $0) } ?? 0
    if label != nil, labelSlot == nil {
      throw TrainingDataError(.invalidArgument, "\(file.path): the label '\(label ?? "")' cannot be ignored")
    }
    labelHasTexts = labelSlot != nil && columns[labelColumn].kind == .categorical
    self.labelSlot = labelSlot
    self.slots = slots
    self.names = names
    featureNames = features
  }

  /// Refuses a missing value, at its line.
  func requireNoGap(_ batch: CSVTableReader.Batch) throws(TrainingDataError) {
    let width = batch.cells.width
    for place in 0..<batch.rowCount * width where batch.cells.values[place].isNaN {
      throw TrainingDataError(
        .missingValue,
        "\(path):\(batch.lines.line(ofRow: place / width)): column '\(names[place % width])' has no value",
        hint: "an array has no gaps; leave the row out")
    }
  }

  func features(of batch: CSVTableReader.Batch) throws(TrainingDataError) -> UnsafeBufferPointer<Float> {
    let cells = batch.cells, count = slots.count
    // Without a label the rows are what is written.
    if count == cells.width { return UnsafeBufferPointer(start: cells.values, count: batch.rowCount * count) }
    let values = try memory.floats(batch.rowCount * count)
    for row in 0..<batch.rowCount {
      let from = cells.values + row * cells.width, to = values + row * count
      for feature in 0..<count { to[feature] = from[slots[feature]] }
    }
    return UnsafeBufferPointer(start: values, count: batch.rowCount * count)
  }

  func labels(of batch: CSVTableReader.Batch, _ slot: Int) throws(TrainingDataError) -> UnsafeBufferPointer<Float> {
    let values = try labelMemory.floats(batch.rowCount)
    for row in 0..<batch.rowCount { values[row] = batch.cells[row, slot] }
    return UnsafeBufferPointer(start: values, count: batch.rowCount)
  }
}

/// Memory that is used again for every batch.
private final class GrowingMemory {
  private var memory = UnsafeMutablePointer<Float>.allocate(capacity: 1)
  private var capacity = 1

  deinit { memory.deallocate() }

  func floats(_ count: Int) throws(TrainingDataError) -> UnsafeMutablePointer<Float> {
    if count > capacity {
      memory.deallocate()
      capacity = max(count, 2 * capacity)
      memory = .allocate(capacity: capacity)
    }
    return memory
  }
}

/// The texts that all workers met in a column, numbered as they come.
private final class SharedCategories {
  private let all = CategoryIndex()
  /// For each worker and its own number of a text, the number among all.
  private var numbers: [[Int32]]
  private var written: [Int32] = []

  init(workers: Int) { numbers = Array(repeating: [], count: workers) }

  /// The numbers of a batch's texts.
  func numbers(
    of batch: CSVTableReader.Batch, _ slot: Int, _ own: (Int) -> CategoryIndex?
  ) throws(TrainingDataError) -> [Int32] {
    for worker in numbers.indices {
      var index = 0, isTooMany = false
      own(worker)?.forEach { text in
        if index >= numbers[worker].count {
          if let number = all.number(of: text) { numbers[worker].append(Int32(number)) } else { isTooMany = true }
        }
        index += 1
      }
      if isTooMany {
        throw TrainingDataError(.invalidValue, "the label has more than \(CategoryIndex.limit) different texts")
      }
    }
    written.removeAll(keepingCapacity: true)
    var row = 0
    for part in batch.parts {
      for row in row..<row + part.rowCount { written.append(numbers[part.worker][Int(batch.cells[row, slot])]) }
      row += part.rowCount
    }
    return written
  }

  func sorted() -> (names: [String], positions: [Int]) { all.sorted() }
}
