import Fascicle

extension RunConfiguration {
  /// Reads a table, divides its rows as those of any data set, and prepares its columns by the rows that are trained on.
  ///
  /// - Parameter given: what is done to the columns, where a model has been trained with it.
  func loadTable(_ source: TableSource, preparation given: TablePreparation?) throws -> RunData {
    let table = try read(source, given)
    let label = try given?.label ?? source.recipe.preparedLabel(of: table)
    // Rows are divided before there are features: what becomes of columns is measured on those that are trained on.
    let rows = DataSubset(allOf: try Dataset(name: table.name, standingFor: label.targets(of: table)))
    let (rest, test) = try separateTestRows(of: rows)
    let parts = try divide(rest, fraction: training.validation)
    let preparation =
      try given
      ?? source.recipe.fit(on: table, rows: parts.training.rows, reading: source.reading)
    let dataset = try preparation.dataset(of: table)
    try checkOutputs(for: dataset)
    func subset(_ rows: [UInt32]) throws -> DataSubset? { rows.isEmpty ? nil : try DataSubset(dataset, rows: rows) }
    return RunData(
      training: try DataSubset(dataset, rows: parts.training.rows), validation: try subset(parts.validation.rows),
      test: try test.map { try subset($0.rows) } ?? testTable(preparation), preparation: preparation)
  }

  private func read(_ source: TableSource, _ preparation: TablePreparation?) throws -> Table {
    if let preparation { return try .csv(source.file, for: preparation, wantsLabel: true) }
    var reading = source.reading
    reading.kinds = source.recipe.kinds
    return try .csv(source.file, reading: reading)
  }

  /// The rows that the test takes from the table; nil where it has a table of its own.
  private func separateTestRows(of rows: DataSubset) throws -> (rest: DataSubset, test: DataSubset?) {
    guard case .fraction(let fraction) = data.test else { return (rows, nil) }
    let parts = try divide(rows, fraction: fraction)
    return (parts.training, parts.validation)
  }

  private func testTable(_ preparation: TablePreparation) throws -> DataSubset? {
    guard case .table(let file) = data.test else { return nil }
    return DataSubset(allOf: try preparation.dataset(of: .csv(file, for: preparation, wantsLabel: true)))
  }
}
