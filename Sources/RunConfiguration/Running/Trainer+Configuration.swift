import Fascicle

/// The one place that hands a configuration's settings to a trainer; refusals name where they were written.
extension Trainer {
  /// Trains as a configuration says.
  ///
  /// - Parameter stopsEarly: whether early stopping may end the run, where the configuration asks for it.
  /// - Throws: as ``/TrainingRuntime/Trainer/fit(_:epochs:batchSize:validation:classWeights:earlyStopping:checkpoints:resuming:callbacks:observer:)``; what is
  ///   wrong with layers or class weights comes as ``RunConfigurationError`` with its place.
  public func fit(
    _ data: RunData, as configuration: RunConfiguration, stopsEarly: Bool = true, checkpoints: Checkpoints? = nil,
    resuming state: TrainingState? = nil, observer: (TrainingEvent) -> TrainingCommand = { _ in .proceed }
  ) throws -> History {
    let training = configuration.training
    try configuration.checkClassWeights(for: data)
    return try configuration.placing {
      try fit(
        data.training, epochs: training.epochs, batchSize: training.batchSize, validation: data.trainerValidation,
        classWeights: training.classWeights, earlyStopping: stopsEarly ? training.earlyStopping : nil,
        checkpoints: checkpoints, resuming: state, observer: observer)
    }
  }

  /// What is odd about a run, in sentences: its loss beside its last activation and targets, its schedule
  /// and average beside its length, rows that lie far off.
  ///
  /// - Complexity: a pass over the training samples, unless they are mapped or bytes.
  public func warnings(for data: RunData, as configuration: RunConfiguration) -> [String] {
    let training = configuration.training, stepSize = training.batchSize * training.transforms.accumulation
    let stepsPerEpoch = (data.training.sampleCount + stepSize - 1) / stepSize
    let doubts = [
      configuration.schedule.doubt(inRunOf: training.epochs),
      training.transforms.averaging.doubt(inRunOf: training.epochs, stepsPerEpoch: stepsPerEpoch),
    ]
    return warnings(for: data.training).map { "\($0)" } + doubts.compactMap { $0 } + farRowWarnings(data.training)
  }

  /// A warning of rows that lie far off; none where a pass over the file would take long.
  private func farRowWarnings(_ rows: DataSubset) -> [String] {
    let far = rows.dataset.features.isMapped ? [] : farRows(in: rows)
    return far.isEmpty ? [] : ["\(FarRow.finding(far)); \(FarRow.advice(far))"]
  }

  /// The plan of a run as a configuration says; refuses what the run itself would refuse.
  public func plan(
    for data: RunData, as configuration: RunConfiguration, checkpoints: Checkpoints? = nil
  ) throws -> TrainingPlan {
    let training = configuration.training
    try configuration.checkClassWeights(for: data)
    return try configuration.placing {
      try plan(
        for: data.training, batchSize: training.batchSize, validation: data.trainerValidation,
        classWeights: training.classWeights, earlyStopping: training.earlyStopping, checkpoints: checkpoints)
    }
  }
}
