/// How much the samples of each class count in a training loss.
public enum ClassWeights: Sendable, Hashable {
  /// All alike.
  case none
  /// Each class as much as any other: the number of samples, divided by the number of classes and by the class's own samples.
  ///
  /// Counted on the samples that are trained on, whose mean weight is 1 then. A class without samples has the weight 1.
  case balanced
  /// A weight for each class, in their order.
  case each([Float])
}

extension ClassWeights {
  /// The weight of each class for training on `data`; nil for all alike.
  ///
  /// - Throws: `.invalidArgument` when the targets are no classes, when there is not one weight for each class, or when one is
  ///   negative or not finite or none is above 0.
  package func weights(for data: DataSubset) throws(TrainingDataError) -> [Float]? {
    guard self != .none else { return nil }
    guard case .classes(let count, let labels) = data.dataset.targets else {
      throw TrainingDataError(
        .invalidArgument, "\(data.dataset.name) has target values, so there are no classes to weigh",
        hint: "give sample weights, or leave out classWeights")
    }
    guard case .each(let weights) = self else { return Self.balanced(data, labels, classCount: count) }
    guard weights.count == count else {
      let given = weights.count == 1 ? "is 1 class weight" : "are \(weights.count) class weights"
      throw TrainingDataError(
        .invalidArgument, "\(data.dataset.name) has \(count) classes, but there \(given)")
    }
    try requireSound(weights)
    return weights
  }

  /// Refuses weights that cannot be used whatever the data are.
  package func validate() throws(TrainingDataError) {
    if case .each(let weights) = self { try requireSound(weights) }
  }

  private func requireSound(_ weights: [Float]) throws(TrainingDataError) {
    if let index = weights.firstIndex(where: { !$0.isFinite || $0 < 0 }) {
      throw TrainingDataError(
        .invalidArgument, "class weights must be finite and at least 0, but that of class \(index) is \(weights[index])"
      )
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw TrainingDataError(.invalidArgument, "at least one class weight must be above 0")
    }
  }

  private static func balanced(_ data: DataSubset, _ labels: ClassLabels, classCount: Int) -> [Float] {
    var counts = [Int](repeating: 0, count: classCount)
    for row in data.rows { counts[labels[Int(row)]] += 1 }
    return counts.map { $0 == 0 ? 1 : Float(Double(data.sampleCount) / (Double(classCount) * Double($0))) }
  }
}
