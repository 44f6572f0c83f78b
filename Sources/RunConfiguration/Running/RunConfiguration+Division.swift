import Fascicle

/// Who trains, who watches and who tests: decided of rows, before anything is measured.
extension RunConfiguration {
  /// The rows that the test takes from the samples, nil where it takes none of them, and the others.
  func separateTest(from samples: ReadSamples) throws -> (rest: DataSubset, test: DataSubset?) {
    switch data.test {
    case .fraction(let fraction):
      let parts = try divide(samples.rows, fraction: fraction)
      return (parts.training, parts.validation.isEmpty ? nil : parts.validation)
    case .rows(let selection):
      guard case .table(let table, _, _) = samples else {
        throw TrainingDataError(
          .invalidArgument, "only tables are divided by a column such as '\(selection.column)'")
      }
      let parts = try separate(selection, of: samples.rows, table)
      return (parts.rest, parts.chosen)
    case .idx, .npy, .npz, .table: return (samples.rows, nil)
    }
  }

  /// The rows that watch the run, those that a table's column chooses or a part of all, and the others.
  func separateValidation(
    from rows: DataSubset, _ samples: ReadSamples
  ) throws -> (training: DataSubset, validation: DataSubset) {
    guard case .table(let table, let source, _) = samples, let selection = source.validation else {
      return try divide(rows, fraction: training.validation)
    }
    let parts = try separate(selection, of: rows, table)
    return (parts.rest, parts.chosen)
  }

  private func divide(
    _ rows: DataSubset, fraction: Double
  ) throws(TrainingDataError) -> (training: DataSubset, validation: DataSubset) {
    try training.stratifies
      ? rows.stratifiedSplit(validationFraction: fraction, seed: training.seed)
      : rows.split(validationFraction: fraction, seed: training.seed)
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
}
