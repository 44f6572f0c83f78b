import Fascicle

/// The samples of a run, read, divided and prepared.
public struct RunData: Sendable {
  /// What is trained on.
  public let training: DataSubset
  /// What only watches the run; nil when nothing is held out for it.
  public let validation: DataSubset?
  /// What the trained network is tested on; nil when nothing is.
  public let test: DataSubset?
  /// What was done to the samples on the way.
  public let preparation: SamplePreparation
}

extension RunConfiguration {
  /// Reads the data, and divides them by the seed: first what the test takes, then what validation takes of the rest.
  ///
  /// - Parameter progress: is told how much of a table's file has been read.
  /// - Throws: ``TrainingDataError`` for files that are missing, damaged or don't belong together,
  ///   ``RunConfigurationError`` when the network's width does not fit them.
  public func loadData(progress: ReadingProgress? = nil) throws -> RunData {
    let samples = try readSamples(progress: progress)
    let parts = try separateTest(from: samples)
    let (training, validation) = try separateValidation(from: parts.rest, samples)
    return try prepared(samples, training: training, validation: validation, test: parts.chosen)
  }

  /// The same for a trained model, whose own network and preparation the data are for; what the configuration says of a
  /// network is not looked at.
  public func loadData(for model: TrainedModel) throws -> RunData {
    var configuration = self
    configuration.layers = model.network.layers
    configuration.loss = model.loss
    let given = try SamplePreparation(of: model), samples = try configuration.readSamples(for: given)
    let parts = try configuration.separateTest(from: samples)
    let (training, validation) = try configuration.separateValidation(from: parts.rest, samples)
    return try configuration.prepared(
      samples, training: training, validation: validation, test: parts.chosen, given: given)
  }
}
