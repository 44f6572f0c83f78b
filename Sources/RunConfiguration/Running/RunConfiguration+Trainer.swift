import Fascicle

extension RunConfiguration {
  /// A trainer for samples like these, with its workers started and its parameters drawn.
  ///
  /// - Throws: what ``Trainer`` refuses; what is wrong with layers comes as ``RunConfigurationError`` with its place.
  public func makeTrainer(for data: RunData) throws -> Trainer {
    let trainer = try placing {
      try Trainer(
        network(inputs: data.training.dataset.featureCount), loss: loss, optimizer: optimizer.optimizer,
        schedule: schedule, clipping: training.clipping, transforms: training.transforms,
        normalization: training.normalization, seed: training.seed,
        runtime: runtime)
    }
    trainer.diagnosis = training.diagnosis ? .sampled : .off
    trainer.onDivergence = training.onDivergence
    trainer.shuffleWindow = training.shuffleWindow
    return trainer
  }
}

extension RunData {
  /// The held-out samples as the trainer takes them.
  public var trainerValidation: Validation { validation.map(Validation.data) ?? .none }
}
