/// How a file of comma-separated values is read.
///
/// Fields are as in RFC 4180: between quotes where they hold delimiters, line ends or quotes, the latter twice. Outside of
/// quotes, spaces around a field do not belong to it.
public struct CSVReading: Sendable, Hashable {
  /// What separates fields.
  public enum Delimiter: Sendable, Hashable {
    /// The one of comma, semicolon, tab and bar that divides the first records alike.
    case automatic
    /// This ASCII character.
    case character(UInt8)
  }

  /// Whether the first record names the columns.
  public enum Header: Sendable, Hashable {
    /// It does if none of its fields is a number.
    case automatic
    /// It does.
    case present
    /// It is a row like others; columns are called 0, 1, 2 and so on.
    case absent
  }

  /// The texts that stand for a missing value unless others are given.
  public static let standardMissingTexts = [
    "", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?",
  ]

  /// What separates fields.
  public var delimiter: Delimiter
  /// Whether the first record names the columns.
  public var header: Header
  /// The texts that stand for a missing value.
  public var missingTexts: [String]
  /// What columns hold, by name, where it is not to be recognised from the data.
  public var kinds: [String: ColumnKind]

  /// Makes a way of reading; everything is recognised from the data unless it is said.
  public init(
    delimiter: Delimiter = .automatic, header: Header = .automatic,
    missingTexts: [String] = Self.standardMissingTexts, kinds: [String: ColumnKind] = [:]
  ) {
    self.delimiter = delimiter
    self.header = header
    self.missingTexts = missingTexts
    self.kinds = kinds
  }
}

extension Table {
  /// Reads a file of comma-separated values, plain or compressed with gzip.
  ///
  /// A column is numeric if all its values, those that are missing aside, are finite decimal numbers; otherwise it is
  /// categorical. Empty lines are passed over, unless there is a single column.
  ///
  ///     let table = try Table.csv("passengers.csv", reading: CSVReading(kinds: ["Name": .ignored]))
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, empty or no UTF-8 text; for a record with too few
  ///   or too many fields, a quote that does not end, a header that names a column twice, a value that is not of the column's
  ///   kind, each with its line; and for a kind given to a column that is not there.
  /// - Parameters:
  ///   - path: the file.
  ///   - reading: how it is divided, and what is known of its columns.
  ///   - workers: how many threads read; as many as the budget of this process allows when left out, one for small files. The
  ///     table is the same for any number.
  ///   - progress: is told how much of the file has been read.
  /// - Complexity: O(bytes); takes memory for four bytes a cell, and for a few megabytes of the text for each worker.
  public static func csv(
    _ path: String, reading: CSVReading = CSVReading(), workers: Int? = nil, progress: ReadingProgress? = nil
  ) throws(TrainingDataError) -> Table {
    try csv(path, reading: reading, workers: workers, progress: progress, pieceByteCount: CSVFile.pieceByteCount)
  }

  /// The same with pieces of another size.
  package static func csv(
    _ path: String, reading: CSVReading, workers: Int?, progress: ReadingProgress? = nil, pieceByteCount: Int
  ) throws(TrainingDataError) -> Table {
    if let workers, workers < 1 {
      throw TrainingDataError(.invalidArgument, "expected at least one worker to read \(path), got \(workers)")
    }
    let file = try CSVFile(
      path: path, reading: reading, workers: workers, progress: progress, pieceByteCount: pieceByteCount)
    try file.requireColumns(reading.kinds.keys.sorted())
    return try file.readTable(kinds: file.columnNames.map { reading.kinds[$0] })
  }
}
