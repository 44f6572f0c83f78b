import Fascicle

/// How often samples count in the loss.
extension RunConfiguration {
  /// The samples with the weights that the configuration names, one for each.
  func weighted(_ samples: Dataset) throws(TrainingDataError) -> Dataset {
    guard let weights = data.weights else { return samples }
    let array =
      if case .npz(let arrays) = data.source {
        try NumberArray(ArchivedArrays(file: arrays.file, features: weights))
      } else {
        try NumberArray(reading: weights)
      }
    guard array.shape.filter({ $0 != 1 }).count <= 1 else {
      throw TrainingDataError(
        .countMismatch, "\(weights): expected one weight for each sample, got an array of shape \(array.shape)")
    }
    return try samples.withSampleWeights(array.floats)
  }

  /// The samples with the weights that their table has.
  func weighted(
    _ samples: Dataset, _ table: Table, _ column: String?
  ) throws(TrainingDataError) -> Dataset {
    guard let column else { return samples }
    return try samples.withWeights(from: column, of: table)
  }
}
