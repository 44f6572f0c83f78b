import Fascicle

/// The folds of a cross-validation: each sample is tested once, by a network that has not seen it.
public struct RunFolds: Sendable {
  private let configuration: RunConfiguration
  private let samples: ReadSamples
  private let folds: [(training: DataSubset, validation: DataSubset)]

  /// Reads the samples and divides them; what the configuration holds out for a test is left out of all folds.
  fileprivate init(_ configuration: RunConfiguration, count: Int, stratified: Bool) throws {
    self.configuration = configuration
    samples = try configuration.readSamples()
    folds = try configuration.separateTest(from: samples).rest
      .folds(count, seed: configuration.training.seed, stratified: stratified)
  }

  /// How many there are.
  public var count: Int { folds.count }

  /// The data of one fold: its own samples are the test, and the validation part of the others watches the run.
  ///
  /// They are prepared by the rows that this fold trains on, so that nothing of its test leaks into what is measured.
  ///
  /// - Precondition: `index` is below ``count`` (checked).
  /// - Throws: what ``RunConfiguration/loadData(progress:)`` refuses.
  public func data(of index: Int) throws -> RunData {
    let fold = folds[index]
    let (training, validation) = try configuration.separateValidation(from: fold.training, samples)
    return try configuration.prepared(samples, training: training, validation: validation, test: fold.validation)
  }
}

extension RunConfiguration {
  /// Reads the samples once, and divides them into folds by the seed.
  ///
  /// - Throws: what ``loadData(progress:)`` refuses, and a number of folds that cannot be made.
  public func loadFolds(_ count: Int, stratified: Bool) throws -> RunFolds {
    try RunFolds(self, count: count, stratified: stratified)
  }
}
