import TrainingData

extension Predictor {
  /// Samples that `floatCount` floats are.
  func rowCount(of floatCount: Int) throws(TrainingRuntimeError) -> Int {
    guard floatCount.isMultiple(of: featureCount) else {
      throw TrainingRuntimeError(
        code: .modelMismatch,
        message: "\(floatCount) floats are no whole number of samples, of which each has \(featureCount)")
    }
    return floatCount / featureCount
  }

  /// Refuses samples of another width than the model's.
  func require(_ features: FeatureStorage, name: String? = nil) throws(TrainingRuntimeError) {
    guard features.featureCount != featureCount else { return }
    throw TrainingRuntimeError(
      code: .modelMismatch,
      message: (name.map { "\($0): " } ?? "")
        + "a sample has \(features.featureCount) features, but the model takes \(featureCount)",
      hint: "give samples like those that the model was trained on")
  }

  /// Refuses samples whose targets the model's outputs cannot be compared with.
  func requireTargets(_ data: DataSubset) throws(TrainingRuntimeError) {
    let dataset = data.dataset
    try require(dataset.features, name: dataset.name)
    guard !data.isEmpty else {
      throw TrainingRuntimeError(code: .modelMismatch, message: "\(dataset.name): there are no samples")
    }
    try TargetCheck(program: model.parameters.program, data: data).require(code: .modelMismatch)
  }
}
