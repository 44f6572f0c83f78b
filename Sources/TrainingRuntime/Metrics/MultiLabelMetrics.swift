/// What answers are worth where a sample may have several labels, by the scores of every label.
public struct MultiLabelMetrics: Sendable, Hashable {
  /// Samples measured.
  public let sampleCount: Int
  /// The figures of every label.
  public let labels: [ClassificationMetrics.ClassFigures]
  /// Share of all labels of all samples that are answered right.
  public let accuracy: Double
  /// Share of samples whose labels are all answered right.
  public let exactMatch: Double

  /// Measures scores, row-major [sample][label], against targets of 0 and 1.
  ///
  /// - Parameters:
  ///   - scores: the higher, the likelier.
  ///   - targets: 0 or 1 for each label of each sample.
  ///   - labelCount: how many labels a sample has.
  ///   - threshold: a label is answered with yes where its score is above this.
  /// - Precondition: as many targets as scores, whole rows of them, one at least (checked).
  public init(scores: [Float], targets: [Float], labelCount: Int, threshold: Float = 0.5) {
    precondition(
      labelCount > 0 && !scores.isEmpty && scores.count == targets.count && scores.count.isMultiple(of: labelCount),
      "expected rows of \(labelCount) scores and as many targets, got \(scores.count) and \(targets.count)")
    let rowCount = scores.count / labelCount
    sampleCount = rowCount
    let isRight = zip(scores, targets).map { ($0 > threshold) == ($1 > 0.5) }
    accuracy = Double(isRight.count { $0 }) / Double(isRight.count)
    exactMatch =
      Double((0..<rowCount).count { isRight[$0 * labelCount..<($0 + 1) * labelCount].allSatisfy { $0 } })
      / Double(rowCount)
    labels = (0..<labelCount).map { label in
      let column = (0..<rowCount).map { scores[$0 * labelCount + label] }
      let isMember = (0..<rowCount).map { targets[$0 * labelCount + label] > 0.5 }
      let confusion = ConfusionMatrix(
        actual: isMember.map { $0 ? 1 : 0 }, predicted: column.map { $0 > threshold ? 1 : 0 }, classCount: 2)
      return ClassificationMetrics.ClassFigures(
        sampleCount: confusion.support(ofClass: 1), precision: confusion.precision(ofClass: 1),
        recall: confusion.recall(ofClass: 1), f1: confusion.f1(ofClass: 1),
        rocAUC: RankingCurves.rocAUC(scores: column, isMember: isMember),
        prAUC: RankingCurves.prAUC(scores: column, isMember: isMember))
    }
  }

  /// Mean precision of the labels.
  public var macroPrecision: Double { ClassificationMetrics.mean(labels.map(\.precision)) ?? 0 }
  /// Mean recall of the labels.
  public var macroRecall: Double { ClassificationMetrics.mean(labels.map(\.recall)) ?? 0 }
  /// Mean F1 of the labels.
  public var macroF1: Double { ClassificationMetrics.mean(labels.map(\.f1)) ?? 0 }
  /// Mean area under the receiver operating characteristic of the labels that have one.
  public var macroROCAUC: Double? { ClassificationMetrics.mean(labels.compactMap(\.rocAUC)) }
  /// Mean average precision of the labels that have one.
  public var macroPRAUC: Double? { ClassificationMetrics.mean(labels.compactMap(\.prAUC)) }
}
