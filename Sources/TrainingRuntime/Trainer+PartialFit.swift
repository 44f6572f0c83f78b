import TrainingData

extension Trainer {
  /// Makes one step over all samples of `batch`, for data that come bit by bit.
  ///
  /// Features are scaled as the first samples ever trained on asked for. Weights, optimizer state and counts go on from call
  /// to call; a schedule begins anew with each, so only a constant rate makes sense.
  ///
  /// - Returns: the mean loss of the samples before the step.
  /// - Throws: as ``fit(_:epochs:batchSize:validation:classWeights:earlyStopping:checkpoints:resuming:callbacks:observer:)``.
  @discardableResult
  public func partialFit(_ batch: DataSubset, classWeights: ClassWeights = .none) throws -> Double {
    try fit(batch, epochs: 1, batchSize: max(1, batch.sampleCount), classWeights: classWeights).epochs[0].trainLoss
  }
}
