import Fascicle

/// A table's columns and first rows.
struct TableReport: InspectionReport {
  let path: String
  let table: Table

  /// Columns and rows that the report for people shows; JSON has all columns.
  private static let columnLimit = 50, rowLimit = 3, shownColumns = 8
  private static let categoryLimit = 5

  /// What a column holds.
  private struct Figures {
    var missing = 0
    var statistics = ValueStatistics()
  }

  private func figures(_ column: Int) -> Figures {
    var figures = Figures()
    for row in 0..<table.rowCount {
      if let value = table[row, column] { figures.statistics.add(Double(value)) } else { figures.missing += 1 }
    }
    return figures
  }

  private var kindName: String { table.format == .csv ? "table" : "LIBSVM" }

  var text: String {
    var lines = LabelledLines()
    let count = table.columns.count
    lines.add(
      kindName,
      "\(NumberFormat.grouped(table.rowCount)) \(table.rowCount == 1 ? "row" : "rows") of \(NumberFormat.grouped(count)) "
        + "\(count == 1 ? "column" : "columns")"
        + (table.format == .csv ? table.hasHeader ? ", named in a header" : ", without a header" : ""))
    lines.addBlank()
    lines.add("columns", columnLines)
    lines.addBlank()
    lines.add("first", rowLines)
    return lines.text
  }

  private var columnLines: [String] {
    var text = TextTable([.left, .left, .right, .left])
    text.add(["name", "kind", "missing", "values"])
    for (index, column) in table.columns.prefix(Self.columnLimit).enumerated() {
      let figures = figures(index)
      text.add([
        column.name, column.kind.rawValue, figures.missing == 0 ? "–" : NumberFormat.grouped(figures.missing),
        column.kind == .numeric ? figures.statistics.summary : categories(column),
      ])
    }
    let rest = table.columns.count - Self.columnLimit
    return text.lines + (rest > 0 ? ["… and \(NumberFormat.grouped(rest)) more, which --json lists"] : [])
  }

  private func categories(_ column: TableColumn) -> String {
    let names = column.categories.prefix(Self.categoryLimit).map { Self.short($0) }
    let more = column.categories.count > names.count ? ", …" : ""
    return "\(NumberFormat.grouped(column.categories.count)) different: " + names.joined(separator: ", ") + more
  }

  private var rowLines: [String] {
    let columns = table.columns.indices.prefix(Self.shownColumns)
    var text = TextTable(columns.map { table.columns[$0].kind == .numeric ? .right : .left })
    text.add(columns.map { Self.short(table.columns[$0].name) })
    for row in 0..<min(Self.rowLimit, table.rowCount) { text.add(columns.map { Self.short(cell(row, $0)) }) }
    return text.lines
  }

  /// A cell as it is told; a missing one is a dash.
  private func cell(_ row: Int, _ column: Int) -> String {
    guard let value = table[row, column] else { return "–" }
    return table.columns[column].kind == .numeric
      ? ValueStatistics.short(Double(value)) : table.columns[column].categories[Int(value)]
  }

  /// A text on one line and not too long.
  private static func short(_ text: String) -> String {
    let flat = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? "␣" : $0 }))
    return flat.count > 24 ? flat.prefix(23) + "…" : flat
  }

  var event: JSONEvent {
    let columns = table.columns.enumerated().map { index, column -> JSONValue in
      let figures = figures(index)
      var fields: [String: JSONValue] = [
        "name": .text(column.name), "kind": .text(column.kind.rawValue), "missing": .whole(figures.missing),
      ]
      if column.kind == .numeric {
        fields["statistics"] = figures.statistics.json
      } else {
        fields["category_count"] = .whole(column.categories.count)
        fields["categories"] = .list(column.categories.prefix(1000).map(JSONValue.text))
      }
      return .object(fields)
    }
    let first = (0..<min(Self.rowLimit, table.rowCount)).map { row in
      JSONValue.list(
        table.columns.indices.map { column in
          guard let value = table[row, column] else { return .number(nil) }
          return table.columns[column].kind == .numeric
            ? .single(value) : .text(table.columns[column].categories[Int(value)])
        })
    }
    return .inspection(
      kind: table.format == .csv ? "table" : "libsvm", path: path,
      [
        "rows": .whole(table.rowCount), "header": .flag(table.hasHeader), "columns": .list(columns),
        "first": .list(first),
      ])
  }
}
