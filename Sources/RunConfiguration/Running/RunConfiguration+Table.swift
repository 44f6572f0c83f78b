import Fascicle

extension RunConfiguration {
  /// Reads a table, divides its rows as those of any data set, and prepares its columns by the rows that are trained on.
  ///
  /// - Parameters:
  ///   - given: what is done to the columns, where a model has been trained with it.
  ///   - progress: is told how much of the file has been read.
  func loadTable(
    _ source: TableSource, preparation given: TablePreparation?, progress: ReadingProgress? = nil
  ) throws -> RunData {
    let table = try read(source, given, progress)
    let label = try given?.label ?? source.recipe.preparedLabel(of: table)
    // Rows are divided before there are features: what becomes of columns is measured on those that are trained on.
    let rows = DataSubset(allOf: try Dataset(name: table.name, standingFor: label.targets(of: table)))
    let (rest, test) = try separateTestRows(of: rows, table)
    let parts = try separateValidationRows(of: rest, table, source)
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

  private func read(
    _ source: TableSource, _ preparation: TablePreparation?, _ progress: ReadingProgress?
  ) throws -> Table {
    if let preparation {
      return try .file(
        source.file, for: preparation, wantsLabel: true, keeping: source.recipe.divisionColumns, progress: progress)
    }
    if source.format == .libsvm { return try .libsvm(source.file, reading: source.sparseReading, progress: progress) }
    var reading = source.reading
    reading.kinds = source.recipe.kinds
    return try .csv(source.file, reading: reading, progress: progress)
  }

  /// The rows that the test takes from the table; nil where it has a table of its own.
  private func separateTestRows(
    of rows: DataSubset, _ table: Table
  ) throws -> (rest: DataSubset, test: DataSubset?) {
    if case .rows(let selection) = data.test {
      let (rest, chosen) = try separate(selection, of: rows, table)
      return (rest, chosen)
    }
    guard case .fraction(let fraction) = data.test else { return (rows, nil) }
    let parts = try divide(rows, fraction: fraction)
    return (parts.training, parts.validation)
  }

  /// The rows that watch the run: those that a column chooses, or a part of all.
  private func separateValidationRows(
    of rows: DataSubset, _ table: Table, _ source: TableSource
  ) throws -> (training: DataSubset, validation: DataSubset) {
    guard let selection = source.validation else { return try divide(rows, fraction: training.validation) }
    let (rest, chosen) = try separate(selection, of: rows, table)
    return (rest, chosen)
  }

  /// The rows that a column chooses, and the others, of which there must be one at least.
  private func separate(
    _ selection: RowSelection, of rows: DataSubset, _ table: Table
  ) throws -> (rest: DataSubset, chosen: DataSubset) {
    let isChosen = try selection.chosen(in: table)
    let rest = try DataSubset(rows.dataset, rows: rows.rows.filter { !isChosen[Int($0)] })
    guard !rest.isEmpty else {
      throw TrainingDataError(
        .emptyDataset, "\(table.name): column '\(selection.column)' leaves no row to train on")
    }
    return (rest, try DataSubset(rows.dataset, rows: rows.rows.filter { isChosen[Int($0)] }))
  }

  private func testTable(_ preparation: TablePreparation) throws -> DataSubset? {
    guard case .table(let file) = data.test else { return nil }
    return DataSubset(allOf: try preparation.dataset(of: .file(file, for: preparation, wantsLabel: true)))
  }
}
