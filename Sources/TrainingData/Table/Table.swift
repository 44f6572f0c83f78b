/// Rows of named columns, as they were read from a file: numbers and categories, before anything is done for a network.
///
/// A value that never changes; copies share one allocation. What a network is fed with, a ``TablePreparation`` makes of it.
public struct Table: Sendable {
  /// What the table is called in messages: its path.
  public let name: String
  /// The columns, in the order of the file.
  public let columns: [TableColumn]
  /// How many rows there are, at least one.
  public let rowCount: Int
  /// Whether the names of the columns were read from the file.
  public let hasHeader: Bool
  /// How the file was written.
  public let format: TableFormat

  /// Row-major [row][column that is kept]: a number, the position of a category, or NaN for a missing value.
  let cells: TableCells
  /// The line of the file on which a row begins.
  let lines: RowLines

  /// The names of the columns.
  public var columnNames: [String] { columns.map(\.name) }

  /// The number in a column of numbers, the position of a category, or nil for a missing value.
  ///
  /// - Precondition: the row is in range and the column is kept (checked).
  public subscript(row: Int, column: Int) -> Float? {
    precondition(row >= 0 && row < rowCount, "expected a row below \(rowCount), got \(row)")
    guard let slot = columns[column].slot else { preconditionFailure("\(columns[column].name) is ignored") }
    let value = cells[row, slot]
    return value.isNaN ? nil : value
  }

  /// Where a row stands, for messages.
  func place(ofRow row: Int) -> String { "\(name):\(lines.line(ofRow: row))" }

  /// The position of the column of a name; the hint is where it would be if nothing had been moved.
  func column(named name: String, near hint: Int? = nil) -> Int? {
    if let hint {
      for place in [hint, hint + 1] where columns.indices.contains(place) && columns[place].name == name {
        return place
      }
    }
    return columns.firstIndex { $0.name == name }
  }
}

/// How the file of a table is written.
public enum TableFormat: String, Sendable, Hashable, CaseIterable {
  /// Fields with delimiters between them.
  case csv
  /// A label and pairs of index and value.
  case libsvm
}

/// A column of a table.
public struct TableColumn: Sendable {
  /// What the header calls it; its position, counted from 0, where there is no header.
  public let name: String
  /// What it holds.
  public let kind: ColumnKind
  /// The different texts of a column of categories, sorted by their UTF-8 bytes.
  public let categories: [String]

  /// The place of the column in a row of cells; nil where it is ignored.
  let slot: Int?
  /// Where the first text stands that made the column one of categories, and what it is; nil where somebody said so.
  let firstText: (line: Int, text: String)?
}

/// What a column holds.
public enum ColumnKind: String, Sendable, Hashable, CaseIterable {
  /// Finite numbers.
  case numeric
  /// Texts, of which some are the same.
  case categorical
  /// Something that is not read.
  case ignored = "ignore"
}

/// The lines on which rows begin, where quoted fields have more than one and empty lines are left out.
struct RowLines: Sendable {
  private var firstLine = 1
  private var hasRows = false
  /// Rows from which on lines are further away from rows, and by how many.
  private var shifts: [(row: Int, shift: Int)] = []

  /// Notes the line of the next row.
  mutating func append(row: Int, line: Int) {
    if !hasRows { (firstLine, hasRows) = (line, true) }
    let shift = line - firstLine - row
    if shift != shifts.last?.shift ?? 0 { shifts.append((row, shift)) }
  }

  /// Notes the lines of more rows.
  ///
  /// - Parameters:
  ///   - others: rows counted from 0, on lines counted from the one that `line` is.
  ///   - row: the row that the first of them is.
  mutating func append(_ others: RowLines, row: Int, line: Int) {
    guard others.hasRows else { return }
    append(row: row, line: line + others.firstLine)
    for (other, shift) in others.shifts { append(row: row + other, line: line + others.firstLine + other + shift) }
  }

  /// The line on which a row begins, counted from 1.
  func line(ofRow row: Int) -> Int {
    var low = 0, high = shifts.count
    while low < high {
      let middle = (low + high) / 2
      if shifts[middle].row <= row { low = middle + 1 } else { high = middle }
    }
    return firstLine + row + (low == 0 ? 0 : shifts[low - 1].shift)
  }
}
