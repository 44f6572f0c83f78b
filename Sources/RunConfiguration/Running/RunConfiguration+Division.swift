import Fascicle

/// Who trains, who watches and who tests: decided of rows, before anything is measured.
extension RunConfiguration {
  /// The rows that the test takes from the samples, nil where it takes none of them, and the others.
  func separateTest(from samples: ReadSamples) throws -> (rest: DataSubset, chosen: DataSubset?) {
    try separate(data.test, from: samples.rows, samples)
  }

  /// The rows that watch the run, nil where it takes none of them, and the others.
  func separateValidation(
    from rows: DataSubset, _ samples: ReadSamples
  ) throws -> (rest: DataSubset, chosen: DataSubset?) {
    try separate(data.validation ?? .fraction(training.validation), from: rows, samples)
  }

  private func separate(
    _ part: DataConfiguration.HeldOut, from rows: DataSubset, _ samples: ReadSamples
  ) throws -> (rest: DataSubset, chosen: DataSubset?) {
    switch part {
    case .fraction(let fraction):
      let parts = try divide(rows, fraction: fraction)
      return (parts.training, parts.validation.isEmpty ? nil : parts.validation)
    case .rows(let selection):
      guard case .table(let table, _, _) = samples else {
        throw TrainingDataError(
          .invalidArgument, "only tables are divided by a column such as '\(selection.column)'")
      }
      return try separate(selection, of: rows, table)
    case .idx, .npy, .npz, .table: return (rows, nil)
    }
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
  ) throws -> (rest: DataSubset, chosen: DataSubset?) {
    let isChosen = try selection.chosen(in: table)
    let rest = try DataSubset(rows.dataset, rows: rows.rows.filter { !isChosen[Int($0)] })
    guard !rest.isEmpty else {
      throw TrainingDataError(
        .emptyDataset, "\(table.name): column '\(selection.column)' leaves no row to train on")
    }
    return (rest, try DataSubset(rows.dataset, rows: rows.rows.filter { isChosen[Int($0)] }))
  }
}
