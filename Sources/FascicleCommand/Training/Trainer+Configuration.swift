import Fascicle
import RunConfiguration

extension Trainer {
  /// Trains as a configuration says; the one place that hands its settings over.
  ///
  /// - Parameter stopsEarly: whether early stopping may end the run, where the configuration asks for it.
  func fit(
    _ data: RunData, as configuration: RunConfiguration, stopsEarly: Bool = true, checkpoints: Checkpoints? = nil,
    resuming state: TrainingState? = nil,
    observer: (TrainingEvent) -> TrainingCommand = { _ in .proceed }
  ) throws -> History {
    let training = configuration.training
    return try fit(
      data.training, epochs: training.epochs, batchSize: training.batchSize, validation: data.trainerValidation,
      classWeights: training.classWeights, earlyStopping: stopsEarly ? training.earlyStopping : nil,
      checkpoints: checkpoints, resuming: state, observer: observer)
  }
}
