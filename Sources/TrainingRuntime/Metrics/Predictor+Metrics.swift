import PerceptronModel
import TrainingData

/// What a model's answers to some samples are worth, by what the samples have for targets.
public enum Metrics: Sendable, Hashable {
  /// One class for each sample.
  case classification(ClassificationMetrics)
  /// Rows of 0 and 1, several of which may be 1.
  case multiLabel(MultiLabelMetrics)
  /// Rows of values.
  case regression(RegressionMetrics)
}

extension Predictor {
  /// Measures the model's answers to `data`; every sample counts alike, whatever its weight.
  ///
  /// Labels make it a classification. Rows of 0 and 1 are several labels a sample where the loss is a binary cross-entropy,
  /// a binary focal loss or a hinge; all other rows are values. Scores are probabilities after softmax and sigmoid, and for
  /// the losses that take logits the softmax or sigmoid of these. The values of a Gaussian likelihood are its means, those of
  /// logarithms of rates the rates.
  ///
  /// - Parameters:
  ///   - data: the samples, with their targets.
  ///   - k: how many of the highest scores count for the top-k accuracy; 5 or one less than there are classes.
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the samples or their targets do not fit the model, or when
  ///   `k` is not between 1 and the number of classes.
  /// - Complexity: takes memory for all answers.
  public func metrics(on data: DataSubset, k: Int? = nil) throws -> Metrics {
    try requireTargets(data)
    let reading = model.outputReading, answers = reading.scores(try predict(data))
    switch data.dataset.targets {
    case .classes(_, let labels):
      let classCount = max(2, outputCount)
      if let k, !(1...classCount).contains(k) {
        throw TrainingRuntimeError(
          code: .modelMismatch, message: "the k of a top-k accuracy must be between 1 and \(classCount), but is \(k)")
      }
      return .classification(
        ClassificationMetrics(
          scores: outputCount == 1 ? reading.scoresOfBoth(answers) : answers,
          labels: data.rows.map { labels[Int($0)] }, classCount: classCount,
          areProbabilities: reading.areClassProbabilities, k: k))
    case .values(let width, let targets):
      let learned = data.rows.flatMap { row in (0..<width).map { targets[Int(row), $0] } }
      // Figures are in the values' own unit, as answers are.
      let wanted =
        answerScales.map { scales in learned.indices.map { scales[$0 % width].undone(learned[$0]) } } ?? learned
      guard let threshold = reading.labelThreshold, let bits = Self.bits(wanted) else {
        return .regression(RegressionMetrics(predictions: answers, targets: wanted, targetCount: width))
      }
      return .multiLabel(MultiLabelMetrics(scores: answers, targets: bits, labelCount: width, threshold: threshold))
    }
  }

  /// The targets as 0 and 1, where all are 0 and 1 or all −1 and 1.
  private static func bits(_ targets: [Float]) -> [Float]? {
    if targets.allSatisfy({ $0 == 0 || $0 == 1 }) { return targets }
    return targets.allSatisfy { $0 == -1 || $0 == 1 } ? targets.map { $0 > 0 ? 1 : 0 } : nil
  }
}
