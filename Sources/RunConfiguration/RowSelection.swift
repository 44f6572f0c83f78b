import Fascicle

/// The rows of a table in which a column has one of some texts.
public struct RowSelection: Sendable, Hashable {
  /// The column that says to which part a row belongs; the network does not see it.
  public var column: String
  /// The texts that choose a row.
  public var values: [String]

  /// Chooses rows by a column.
  public init(column: String, values: [String]) {
    self.column = column
    self.values = values
  }

  /// For every row whether it is chosen; one without a value is not.
  ///
  /// - Throws: ``TrainingDataError`` when there is no such column, or when no row has one of the texts.
  func chosen(in table: Table) throws -> [Bool] {
    guard let index = table.columnNames.firstIndex(of: column), table.columns[index].kind == .categorical else {
      throw TrainingDataError(
        .unknownColumn, "\(table.name): there is no column '\(column)' to divide the rows by",
        hint: "the columns are \(Suggestion.list(Array(table.columnNames.prefix(20))))")
    }
    let categories = table.columns[index].categories
    for value in values where !categories.contains(value) {
      throw TrainingDataError(
        .invalidArgument, "\(table.name): no row has '\(value)' in column '\(column)'",
        hint: "it has \(Suggestion.list(Array(categories.prefix(20))))")
    }
    let isWanted = categories.map(values.contains)
    return (0..<table.rowCount).map { row in table[row, index].map { isWanted[Int($0)] } ?? false }
  }
}

extension RowSelection {
  /// Reads the keys of a part that a column chooses.
  init(_ reader: SectionReader) {
    for key in ["column", "values"] where !reader.has(key) {
      reader.require(key, because: "a column divides the rows by its values")
    }
    self.init(column: reader.text("column") ?? "", values: reader.texts("values") ?? [])
    if reader.has("values"), values.isEmpty {
      reader.problems.add(
        .value, reader.node("values")?.place ?? reader.place, "\(reader.dotted("values")) must name at least one value",
        hint: "as in values: [test]")
    }
  }

  /// The part as configurations write it.
  var tree: ConfigurationTree {
    .section([.init("column", .text(column)), .init("values", .list(values.map(ConfigurationTree.text)))])
  }
}
