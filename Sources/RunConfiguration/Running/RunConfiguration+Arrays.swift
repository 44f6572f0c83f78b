import Fascicle

/// Samples that come as arrays, read or drawn.
extension RunConfiguration {
  /// - Parameter part: which arrays of an archive are meant where no names are given.
  func loadArrays(
    _ source: DataConfiguration.Source, part: ArchivedArrays.Part = .training
  ) throws(TrainingDataError) -> Dataset {
    switch source {
    case .digits:
      return try .digits()
    case .table(let table):
      throw TrainingDataError(.invalidArgument, "\(table.file): a table is read with its preparation")
    case .synthetic(let data):
      return try .synthetic(data)
    case .idx(let images, let labels):
      return try explainingLabels { () throws(TrainingDataError) in
        try .idx(images: images, labels: labels, classCount: classCount, isMapped: data.isMapped)
      }
    case .npy(let features, let labels):
      return try explainingLabels { () throws(TrainingDataError) in
        try .npy(
          features: features, labels: labels, classCount: classCount, areValues: labelsAreValues,
          isMapped: data.isMapped)
      }
    case .npz(let arrays):
      return try explainingLabels { () throws(TrainingDataError) in
        try .npz(arrays, classCount: classCount, areValues: labelsAreValues, part: part)
      }
    }
  }

  /// How many classes the network tells apart; a single output tells two.
  private var classCount: Int {
    let outputs = network(inputs: 1).outputs
    return outputs == 1 ? 2 : outputs
  }

  /// Whole numbers are classes unless a single output is to meet them.
  private var labelsAreValues: Bool {
    !loss.acceptsLabels || !loss.learnsClasses && network(inputs: 1).outputs == 1
  }

  /// Tells those whose labels are out of range where the range comes from.
  private func explainingLabels(
    _ load: () throws(TrainingDataError) -> Dataset
  ) throws(TrainingDataError) -> Dataset {
    do {
      return try load()
    } catch {
      guard error.code == .labelOutOfRange else { throw error }
      throw TrainingDataError(
        error.code, error.message,
        hint:
          "labels count from 0, and the last dense layer has \(network(inputs: 1).outputs) units, one for each class")
    }
  }
}
