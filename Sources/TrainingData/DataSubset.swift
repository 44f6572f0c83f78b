/// Some rows of a data set, by index: a training part, a held-out part, or all of it.
///
/// May be empty.
public struct DataSubset: Sendable {
  /// The data set that the rows belong to.
  public let dataset: Dataset
  /// Indices of rows, each below the number of samples; order and repetition are kept.
  public let rows: [UInt32]

  /// Chooses rows of a data set.
  ///
  /// - Throws: `.rowOutOfRange` at the first index that is not below the number of samples.
  public init(_ dataset: Dataset, rows: [UInt32]) throws(TrainingDataError) {
    try rows.requireRows(of: dataset)
    self.init(dataset: dataset, checkedRows: rows)
  }

  /// Takes every row of a data set in order.
  public init(allOf dataset: Dataset) {
    self.init(dataset: dataset, checkedRows: (0..<dataset.sampleCount).map { UInt32($0) })
  }

  fileprivate init(dataset: Dataset, checkedRows: [UInt32]) {
    self.dataset = dataset
    self.rows = checkedRows
  }

  /// How many samples were chosen.
  public var sampleCount: Int { rows.count }
  /// Whether no sample was chosen.
  public var isEmpty: Bool { rows.isEmpty }
}

extension DataSubset {
  /// Divides the chosen rows at random into a training part and a held-out part; see ``TrainingSplit``.
  ///
  /// - Throws: `.invalidArgument` when the fraction is outside 0 ..< 1 or leaves nothing to train on.
  public func split(
    validationFraction: Double, seed: UInt64
  ) throws(TrainingDataError) -> (training: DataSubset, validation: DataSubset) {
    let parts = try TrainingSplit.split(count: sampleCount, validationFraction: validationFraction, seed: seed)
    return (choosing(parts.training), choosing(parts.validation))
  }

  func choosing(_ positions: [UInt32]) -> DataSubset {
    DataSubset(dataset: dataset, checkedRows: positions.map { rows[Int($0)] })
  }
}

extension Dataset {
  /// Divides the samples at random into a training part and a held-out part; see ``TrainingSplit``.
  ///
  /// - Throws: `.invalidArgument` when the fraction is outside 0 ..< 1 or leaves nothing to train on.
  public func split(
    validationFraction: Double, seed: UInt64
  ) throws(TrainingDataError) -> (training: DataSubset, validation: DataSubset) {
    try DataSubset(allOf: self).split(validationFraction: validationFraction, seed: seed)
  }
}

extension [UInt32] {
  /// Refuses indices that are no rows of the data set.
  func requireRows(of dataset: Dataset) throws(TrainingDataError) {
    guard let position = firstIndex(where: { Int($0) >= dataset.sampleCount }) else { return }
    throw TrainingDataError(
      .rowOutOfRange,
      "\(dataset.name): row \(self[position]) at position \(position) is out of range, "
        + "expected 0 to \(dataset.sampleCount - 1)")
  }
}
