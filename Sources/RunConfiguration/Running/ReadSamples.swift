import Fascicle

/// Samples as they were read: what becomes of them is measured once their rows have been divided.
enum ReadSamples {
  /// Features and targets.
  case arrays(Dataset)
  /// A table, and its label with a feature that says nothing, to be divided before there are features.
  case table(Table, TableSource, label: Dataset)

  /// All rows, to be divided.
  var rows: DataSubset {
    switch self {
    case .arrays(let dataset), .table(_, _, label: let dataset): DataSubset(allOf: dataset)
    }
  }
}

extension RunConfiguration {
  /// Reads what the configuration names.
  ///
  /// - Parameters:
  ///   - given: what a trained model does to its samples; nil where it is still to be measured.
  ///   - progress: is told how much of a table's file has been read.
  func readSamples(for given: SamplePreparation? = nil, progress: ReadingProgress? = nil) throws -> ReadSamples {
    guard case .table(let source) = data.source else {
      try given?.table?.refuseArrays(data.source.name)
      return .arrays(try loadArrays(data.source))
    }
    let table = try read(source, given?.table, progress)
    let label = try given?.table?.label ?? source.recipe.preparedLabel(of: table)
    return .table(table, source, label: try Dataset(name: table.name, standingFor: label.targets(of: table)))
  }

  /// Measures what is trained on, and prepares all parts by it.
  ///
  /// - Parameters:
  ///   - test: the rows that the test takes from the samples; nil where it takes none of them.
  ///   - given: what a trained model does to its samples; nil to measure.
  func prepared(
    _ samples: ReadSamples, _ parts: (training: DataSubset, validation: DataSubset), test: DataSubset?,
    given: SamplePreparation? = nil
  ) throws -> RunData {
    var preparation = given ?? SamplePreparation()
    let dataset: Dataset
    switch samples {
    case .arrays(let arrays):
      if given == nil { preparation.targetScales = try measuredTargetScales(parts.training) }
      dataset = try arrays.scalingTargets(by: preparation.targetScales)
    case .table(let table, let source, _):
      let columns =
        try preparation.table ?? source.recipe.fit(on: table, rows: parts.training.rows, reading: source.reading)
      preparation.table = columns
      dataset = try columns.dataset(of: table)
    }
    if given == nil { try checkOutputs(for: dataset) }
    func subset(_ rows: [UInt32]) throws -> DataSubset? { rows.isEmpty ? nil : try DataSubset(dataset, rows: rows) }
    return RunData(
      training: try DataSubset(dataset, rows: parts.training.rows), validation: try subset(parts.validation.rows),
      test: try test.map { try subset($0.rows) } ?? ownTest(like: dataset, preparation), preparation: preparation)
  }

  private func measuredTargetScales(_ rows: DataSubset) throws(TrainingDataError) -> [PreparedScale]? {
    data.labelScaling == .none ? nil : try rows.targetScales(data.labelScaling)
  }

  /// The test that has files of its own; nil where it has none.
  private func ownTest(like training: Dataset, _ preparation: SamplePreparation) throws -> DataSubset? {
    let test: Dataset
    switch data.test {
    case .fraction, .rows: return nil
    case .idx(let images, let labels): test = try loadArrays(.idx(images: images, labels: labels))
    case .npy(let features, let labels): test = try loadArrays(.npy(features: features, labels: labels))
    case .npz(let arrays): test = try loadArrays(.npz(arrays), prefersTest: true)
    case .table(let file):
      guard let columns = preparation.table else {
        throw TrainingDataError(.invalidArgument, "\(file): a table tests what was trained on a table")
      }
      return DataSubset(allOf: try columns.dataset(of: .file(file, for: columns, wantsLabel: true)))
    }
    try checkSameFeatures(training, test)
    return DataSubset(allOf: try test.scalingTargets(by: preparation.targetScales))
  }

  /// Found out before training, not after it.
  private func checkSameFeatures(_ training: Dataset, _ test: Dataset) throws(TrainingDataError) {
    guard training.featureCount != test.featureCount else { return }
    throw TrainingDataError(
      .countMismatch,
      "test samples must have as many features as training samples, got \(test.featureCount) in \(test.name) and "
        + "\(training.featureCount) in \(training.name)")
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
}

extension TablePreparation {
  /// Refuses samples that do not come as the columns that a model was trained on.
  package func refuseArrays(_ format: String) throws(TrainingDataError) {
    throw TrainingDataError(
      .invalidArgument, "the model was trained on the columns of a table, but the samples come as \(format)",
      hint: "give it a table with the columns \(Suggestion.list(Array(columns.map(\.name).prefix(20))))")
  }
}
