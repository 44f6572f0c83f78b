extension Dataset {
  /// The same samples, each counting as often in a loss as its weight says.
  ///
  /// A loss over samples is the sum of their losses, each times its weight, divided by their number, not by the sum of the
  /// weights; so weights whose mean is 1 keep the size of the gradient. They count in training and in evaluation, not in
  /// accuracies. Subsets and splits of the set keep them; features and targets are shared, not copied.
  ///
  /// - Parameter weights: one for each sample, finite and at least 0, not all 0.
  /// - Throws: `.countMismatch` for another number of weights, `.invalidArgument` for one that is no weight.
  public func withSampleWeights(_ weights: [Float]) throws(TrainingDataError) -> Dataset {
    guard weights.count == sampleCount else {
      throw TrainingDataError(
        .countMismatch, "\(name): expected a weight for each of \(sampleCount) samples, got \(weights.count)")
    }
    if let sample = weights.firstIndex(where: { !$0.isFinite || $0 < 0 }) {
      throw TrainingDataError(
        .invalidArgument,
        "\(name): expected weights that are finite and at least 0, got \(weights[sample]) for sample \(sample)")
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw TrainingDataError(.invalidArgument, "\(name): expected a weight above 0, but all weights are 0")
    }
    return Dataset(self, sampleWeights: try SampleStorage(copying: weights))
  }

  /// How much a sample counts in a loss; 1 where no weights were given.
  ///
  /// - Precondition: the sample is in range (checked where there are weights).
  public func weight(ofSample sample: Int) -> Float { sampleWeights?[sample] ?? 1 }
}
