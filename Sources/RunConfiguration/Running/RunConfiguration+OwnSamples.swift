import Fascicle

/// Samples that are not trained on and have files of their own.
extension RunConfiguration {
  /// The samples of a part that has files of its own; nil where it has none.
  func ownSamples(
    _ heldOut: DataConfiguration.HeldOut, _ part: ArchivedArrays.Part, like training: Dataset,
    _ preparation: SamplePreparation
  ) throws -> DataSubset? {
    let samples: Dataset
    switch heldOut {
    case .fraction, .rows: return nil
    case .idx(let images, let labels): samples = try loadArrays(.idx(images: images, labels: labels))
    case .npy(let features, let labels): samples = try loadArrays(.npy(features: features, labels: labels))
    case .npz(let arrays): samples = try loadArrays(.npz(arrays), part: part)
    case .table(let file):
      guard let columns = preparation.table else {
        throw TrainingDataError(.invalidArgument, "\(file): a table goes with a network that was trained on a table")
      }
      return DataSubset(allOf: try ownTable(file, columns))
    }
    try checkSameFeatures(training, samples, part)
    return DataSubset(allOf: try samples.scalingTargets(by: preparation.targetScales))
  }

  /// A table that is not trained on, with weights where it has the column for them.
  private func ownTable(_ file: String, _ columns: TablePreparation) throws -> Dataset {
    guard case .table(let source) = data.source else { preconditionFailure("only tables are prepared by columns") }
    let table = try Table.file(
      file, for: columns, wantsLabel: true, keeping: source.recipe.columnsBesideFeatures)
    let weights = source.recipe.weightColumn.flatMap { table.columnNames.contains($0) ? $0 : nil }
    return try weighted(columns.dataset(of: table), table, weights)
  }

  /// Found out before training, not after it.
  private func checkSameFeatures(
    _ training: Dataset, _ samples: Dataset, _ part: ArchivedArrays.Part
  ) throws(TrainingDataError) {
    guard training.featureCount != samples.featureCount else { return }
    throw TrainingDataError(
      .countMismatch,
      "\(part.rawValue) samples must have as many features as training samples, got \(samples.featureCount) in "
        + "\(samples.name) and \(training.featureCount) in \(training.name)")
  }
}
