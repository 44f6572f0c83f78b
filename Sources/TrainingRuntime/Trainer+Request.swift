import TrainingData

/// What a call of `fit` was asked for, checked and divided; plans and runs refuse the same, since both begin here.
struct FitRequest {
  /// The rows that are trained on.
  let rows: DataSubset
  /// Those that only watch the run.
  let heldOut: DataSubset?
  /// How much samples of each class count; nil for all alike.
  let classWeights: [Float]?
  let plan: TrainingPlan
}

extension Trainer {
  /// The plan that `fit` would follow for these samples and settings; takes no lasting memory.
  ///
  /// What `fit` would refuse before its first step is refused here as well, with the same words.
  ///
  /// - Throws: ``TrainingRuntimeError`` when settings contradict each other, data and network do not fit, or the plan does not
  ///   fit into memory; other rooms' errors for class weights, divisions and layers that cannot be trained.
  public func plan(
    for training: DataSubset, batchSize: Int = 128, validation: Validation = .none, classWeights: ClassWeights = .none,
    earlyStopping: EarlyStopping? = nil, checkpoints: Checkpoints? = nil
  ) throws -> TrainingPlan {
    try request(
      training, batchSize: batchSize, validation: validation, classWeights: classWeights, earlyStopping: earlyStopping,
      checkpoints: checkpoints
    ).plan
  }

  /// Checks everything that can be checked before a run.
  func request(
    _ training: DataSubset, batchSize: Int, validation: Validation, classWeights: ClassWeights,
    earlyStopping: EarlyStopping?, checkpoints: Checkpoints?
  ) throws -> FitRequest {
    try require(batchSize, "the batch size", atLeast: 1)
    if let shuffleWindow { try require(shuffleWindow, "the shuffle window", atLeast: 1) }
    let (rows, heldOut) = try split(training, validation)
    try requireFit(of: rows)
    if let heldOut { try requireFit(of: heldOut) }
    try require(earlyStopping, for: rows, heldOut)
    let weights = try classWeights.weights(for: rows)
    try requirePolicy()
    try checkpoints?.rule.validate()
    return FitRequest(
      rows: rows, heldOut: heldOut, classWeights: weights,
      plan: try makePlan(
        sampleCount: rows.sampleCount, batchSize: min(batchSize, rows.sampleCount), earlyStopping: earlyStopping,
        checkpoints: checkpoints))
  }

  /// Refuses to watch what will not be there.
  private func require(
    _ earlyStopping: EarlyStopping?, for rows: DataSubset, _ heldOut: DataSubset?
  ) throws(TrainingRuntimeError) {
    guard let earlyStopping else { return }
    try earlyStopping.validate()
    let monitor = earlyStopping.monitor
    guard !monitor.isOfValidation || heldOut != nil else {
      throw TrainingRuntimeError(
        code: .setting,
        message: "early stopping is to watch the \(monitor.rawValue), but nothing is held out for validation",
        hint: "hold samples out, or watch train_loss")
    }
    if monitor.isAccuracy, case .values = (heldOut ?? rows).dataset.targets {
      throw TrainingRuntimeError(
        code: .setting,
        message:
          "\((heldOut ?? rows).dataset.name) has target values and so no accuracy, which early stopping is to watch",
        hint: "let it watch a loss")
    }
  }

  private func split(_ training: DataSubset, _ validation: Validation) throws -> (DataSubset, DataSubset?) {
    switch validation {
    case .none: return (training, nil)
    case .data(let data): return (training, data)
    case .fraction(let fraction):
      let parts = try training.split(validationFraction: fraction, seed: seed)
      return (parts.training, parts.validation.isEmpty ? nil : parts.validation)
    case .stratifiedFraction(let fraction):
      let parts = try training.stratifiedSplit(validationFraction: fraction, seed: seed)
      return (parts.training, parts.validation.isEmpty ? nil : parts.validation)
    }
  }
}
