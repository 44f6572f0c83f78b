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
      return .arrays(try weighted(loadArrays(data.source)))
    }
    let table = try read(source, given?.table, progress)
    let label = try given?.table?.label ?? source.recipe.preparedLabel(of: table)
    return .table(table, source, label: try Dataset(name: table.name, standingFor: label.targets(of: table)))
  }

  /// Measures what is trained on, and prepares all parts by it.
  ///
  /// - Parameters:
  ///   - validation: the rows that only watch; nil where none of the samples do.
  ///   - test: the rows that the test takes from the samples; nil where it takes none of them.
  ///   - given: what a trained model does to its samples; nil to measure.
  func prepared(
    _ samples: ReadSamples, training: DataSubset, validation: DataSubset?, test: DataSubset?,
    given: SamplePreparation? = nil
  ) throws -> RunData {
    var preparation = given ?? SamplePreparation()
    let dataset: Dataset
    switch samples {
    case .arrays(let arrays):
      if given == nil { preparation.targetScales = try measuredTargetScales(training) }
      dataset = try arrays.scalingTargets(by: preparation.targetScales)
    case .table(let table, let source, _):
      let columns =
        try preparation.table ?? source.recipe.fit(on: table, rows: training.rows, reading: source.reading)
      preparation.table = columns
      dataset = try weighted(columns.dataset(of: table), table, source.recipe.weightColumn)
    }
    if given == nil { try checkOutputs(for: dataset) }
    func subset(_ rows: [UInt32]) throws -> DataSubset? { rows.isEmpty ? nil : try DataSubset(dataset, rows: rows) }
    return RunData(
      training: try DataSubset(dataset, rows: training.rows),
      validation: try validation.map { try subset($0.rows) }
        ?? data.validation.flatMap { try ownSamples($0, .validation, like: dataset, preparation) },
      test: try test.map { try subset($0.rows) } ?? ownSamples(data.test, .test, like: dataset, preparation),
      preparation: preparation)
  }

  private func measuredTargetScales(_ rows: DataSubset) throws(TrainingDataError) -> [PreparedScale]? {
    data.labelScaling == .none ? nil : try rows.targetScales(data.labelScaling)
  }

  private func read(
    _ source: TableSource, _ preparation: TablePreparation?, _ progress: ReadingProgress?
  ) throws -> Table {
    if let preparation {
      return try .file(
        source.file, for: preparation, wantsLabel: true, keeping: source.recipe.columnsBesideFeatures,
        progress: progress)
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
