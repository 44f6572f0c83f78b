import Fascicle

/// The samples of a run, read and divided.
public struct RunData: Sendable {
  /// What is trained on.
  public let training: DataSubset
  /// What only watches the run; nil when nothing is held out for it.
  public let validation: DataSubset?
  /// What the trained network is tested on; nil when nothing is.
  public let test: DataSubset?
  /// What was done to the columns of a table; nil where the samples are none.
  public var preparation: TablePreparation?
}

extension RunConfiguration {
  /// Reads the data, and divides them by the seed: first what the test takes, then what validation takes of the rest.
  ///
  /// - Throws: ``TrainingDataError`` for files that are missing, damaged or don't belong together,
  ///   ``RunConfigurationError`` when the network's width does not fit them.
  /// - Parameters:
  ///   - preparation: what is done to the columns of a table, where a model has been trained with it; nil to measure the
  ///     training rows.
  ///   - progress: is told how much of a table's file has been read.
  public func loadData(
    preparation: TablePreparation? = nil, progress: ReadingProgress? = nil
  ) throws -> RunData {
    if case .table(let source) = data.source {
      return try loadTable(source, preparation: preparation, progress: progress)
    }
    let dataset = try load(data.source)
    try checkOutputs(for: dataset)
    return try divided(dataset)
  }

  /// The same for a trained model, whose own network the data are for; what the configuration says of a network is not
  /// looked at.
  public func loadData(for model: TrainedModel) throws -> RunData {
    var configuration = self
    configuration.layers = model.network.layers
    configuration.loss = model.loss
    if case .table(let source) = data.source {
      return try configuration.loadTable(source, preparation: model.preparation)
    }
    return try configuration.divided(configuration.load(data.source))
  }

  /// The data of every fold of a cross-validation: its own samples are the test, and the validation part of the others
  /// watches the run.
  ///
  /// What the configuration holds out for a test is left out of all folds.
  ///
  /// - Throws: what ``loadData()`` refuses, and a number of folds that cannot be made.
  public func loadFolds(_ count: Int, stratified: Bool) throws -> [RunData] {
    let dataset = try load(data.source)
    try checkOutputs(for: dataset)
    let samples = try separateTest(from: dataset).rest
    return try samples.folds(count, seed: training.seed, stratified: stratified).map { fold in
      let parts = try divide(fold.training, fraction: training.validation)
      return RunData(
        training: parts.training, validation: parts.validation.isEmpty ? nil : parts.validation, test: fold.validation)
    }
  }

  private func divided(_ dataset: Dataset) throws -> RunData {
    let (rest, test) = try separateTest(from: dataset)
    let parts = try divide(rest, fraction: training.validation)
    return RunData(
      training: parts.training, validation: parts.validation.isEmpty ? nil : parts.validation, test: test)
  }

  private func separateTest(from dataset: Dataset) throws -> (rest: DataSubset, test: DataSubset?) {
    switch data.test {
    case .fraction(let fraction):
      let parts = try divide(DataSubset(allOf: dataset), fraction: fraction)
      return (parts.training, parts.validation.isEmpty ? nil : parts.validation)
    case .idx(let images, let labels):
      let test = try load(.idx(images: images, labels: labels))
      try checkSameFeatures(dataset, test)
      return (DataSubset(allOf: dataset), DataSubset(allOf: test))
    case .npy(let features, let labels):
      let test = try load(.npy(features: features, labels: labels))
      try checkSameFeatures(dataset, test)
      return (DataSubset(allOf: dataset), DataSubset(allOf: test))
    case .rows(let selection):
      throw TrainingDataError(
        .invalidArgument, "only tables are divided by a column such as '\(selection.column)'")
    case .npz(let arrays):
      let test = try load(.npz(arrays), prefersTest: true)
      try checkSameFeatures(dataset, test)
      return (DataSubset(allOf: dataset), DataSubset(allOf: test))
    case .table(let file):
      throw TrainingDataError(.invalidArgument, "\(file): a table tests what was trained on a table")
    }
  }

  func divide(
    _ data: DataSubset, fraction: Double
  ) throws(TrainingDataError) -> (training: DataSubset, validation: DataSubset) {
    try training.stratifies
      ? data.stratifiedSplit(validationFraction: fraction, seed: training.seed)
      : data.split(validationFraction: fraction, seed: training.seed)
  }

  private func load(
    _ source: DataConfiguration.Source, prefersTest: Bool = false
  ) throws(TrainingDataError) -> Dataset {
    switch source {
    case .digits:
      return try .digits()
    case .table(let table):
      throw TrainingDataError(.invalidArgument, "\(table.file): a table is read with its preparation")
    case .synthetic(let data):
      return try .synthetic(data)
    case .idx(let images, let labels):
      return try explainingLabels { () throws(TrainingDataError) in
        try .idx(images: images, labels: labels, classCount: classCount, isMapped: data.isMapped)
      }
    case .npy(let features, let labels):
      return try explainingLabels { () throws(TrainingDataError) in
        try .npy(
          features: features, labels: labels, classCount: classCount, areValues: labelsAreValues,
          isMapped: data.isMapped)
      }
    case .npz(let arrays):
      return try explainingLabels { () throws(TrainingDataError) in
        try .npz(arrays, classCount: classCount, areValues: labelsAreValues, prefersTest: prefersTest)
      }
    }
  }

  /// How many classes the network tells apart; a single output tells two.
  private var classCount: Int {
    let outputs = network(inputs: 1).outputs
    return outputs == 1 ? 2 : outputs
  }

  /// Whole numbers are classes unless a single output is to meet them.
  private var labelsAreValues: Bool {
    !loss.acceptsLabels || !loss.learnsClasses && network(inputs: 1).outputs == 1
  }

  /// Tells those whose labels are out of range where the range comes from.
  private func explainingLabels(
    _ load: () throws(TrainingDataError) -> Dataset
  ) throws(TrainingDataError) -> Dataset {
    do {
      return try load()
    } catch {
      guard error.code == .labelOutOfRange else { throw error }
      throw TrainingDataError(
        error.code, error.message,
        hint:
          "labels count from 0, and the last dense layer has \(network(inputs: 1).outputs) units, one for each class")
    }
  }

  /// Found out before training, not after it.
  private func checkSameFeatures(_ training: Dataset, _ test: Dataset) throws(TrainingDataError) {
    guard training.featureCount != test.featureCount else { return }
    throw TrainingDataError(
      .countMismatch,
      "test samples must have as many features as training samples, got \(test.featureCount) in \(test.name) and "
        + "\(training.featureCount) in \(training.name)")
  }
}
