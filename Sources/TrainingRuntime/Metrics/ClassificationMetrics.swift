import Glibc

/// What answers of a classifier are worth, by the scores of all classes.
///
/// A class's precision, recall and F1 are those of its own; averages over classes weigh all classes alike (macro). A figure
/// is nil where it cannot be formed, such as the area under a curve of a class without samples.
public struct ClassificationMetrics: Sendable, Hashable {
  /// Figures of one class against all others.
  public struct ClassFigures: Sendable, Hashable {
    /// Samples whose right class this is.
    public let sampleCount: Int
    /// Share of those taken for this class that are of it.
    public let precision: Double
    /// Share of this class's samples that were taken for it.
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
    /// The area under the receiver operating characteristic.
    public let rocAUC: Double?
    /// The area under precision over recall, as average precision.
    public let prAUC: Double?
  }

  /// Which class was taken for which.
  public let confusion: ConfusionMatrix
  /// The figures of every class.
  public let classes: [ClassFigures]
  /// The k of ``topKAccuracy``; nil where two classes leave nothing to choose.
  public let k: Int?
  /// Share of samples whose right class is among the k highest scores.
  public let topKAccuracy: Double?
  /// Mean of −log p of the right class, p held above 2⁻⁵²; nil where scores are no probabilities.
  public let logLoss: Double?
  /// How far confidence is from being right, Σ nᵢ/n·|accuracyᵢ − confidenceᵢ| over 15 bins of the highest probability.
  ///
  /// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, arXiv:1706.04599, equation 3.
  public let expectedCalibrationError: Double?

  /// Bins of ``expectedCalibrationError``.
  public static let calibrationBinCount = 15

  /// Measures scores, row-major [sample][class], against the right classes.
  ///
  /// - Parameters:
  ///   - scores: the higher, the likelier.
  ///   - labels: the right class of each sample, below `classCount`.
  ///   - classCount: at least 2.
  ///   - areProbabilities: whether the scores of a sample are probabilities.
  ///   - k: how many of the highest scores count in ``topKAccuracy``; left out, 5 or one less than there are classes.
  /// - Precondition: as many rows of scores as labels, one at least (checked).
  /// - Complexity: O(n·c·log n).
  public init(scores: [Float], labels: [Int], classCount: Int, areProbabilities: Bool, k: Int? = nil) {
    precondition(
      classCount >= 2 && !labels.isEmpty && scores.count == labels.count * classCount,
      "expected \(classCount) scores for each of \(labels.count) samples, got \(scores.count)")
    let table = ScoreTable(scores: scores, labels: labels, classCount: classCount)
    let confusion = ConfusionMatrix(
      actual: labels, predicted: labels.indices.map(table.highest), classCount: classCount)
    self.confusion = confusion
    classes = (0..<classCount).map { index in
      let column = table.column(index), isMember = labels.map { $0 == index }
      return ClassFigures(
        sampleCount: confusion.support(ofClass: index), precision: confusion.precision(ofClass: index),
        recall: confusion.recall(ofClass: index), f1: confusion.f1(ofClass: index),
        rocAUC: RankingCurves.rocAUC(scores: column, isMember: isMember),
        prAUC: RankingCurves.prAUC(scores: column, isMember: isMember))
    }
    let k = k ?? min(5, classCount - 1)
    self.k = k > 1 ? k : nil
    topKAccuracy = k > 1 ? table.topKAccuracy(k) : nil
    logLoss = areProbabilities ? table.logLoss : nil
    expectedCalibrationError = areProbabilities ? table.calibrationError(binCount: Self.calibrationBinCount) : nil
  }

  /// Share of samples whose highest score is their class's, the first of equals.
  public var accuracy: Double { confusion.accuracy }
  /// Samples measured.
  public var sampleCount: Int { confusion.sampleCount }
  /// Mean precision of the classes.
  public var macroPrecision: Double { Self.mean(classes.map(\.precision)) ?? 0 }
  /// Mean recall of the classes.
  public var macroRecall: Double { Self.mean(classes.map(\.recall)) ?? 0 }
  /// Mean F1 of the classes.
  public var macroF1: Double { Self.mean(classes.map(\.f1)) ?? 0 }
  /// Mean area under the receiver operating characteristic, each class against all others, of the classes that have one.
  public var macroROCAUC: Double? { Self.mean(classes.compactMap(\.rocAUC)) }
  /// Mean average precision of the classes that have one.
  public var macroPRAUC: Double? { Self.mean(classes.compactMap(\.prAUC)) }

  static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

/// Scores of samples with their right classes.
private struct ScoreTable {
  let scores: [Float]
  let labels: [Int]
  let classCount: Int

  func column(_ index: Int) -> [Float] { labels.indices.map { scores[$0 * classCount + index] } }

  /// The class of a sample's highest score, the first of equals.
  func highest(_ sample: Int) -> Int {
    let row = scores[sample * classCount..<(sample + 1) * classCount]
    var best = row.startIndex
    for index in row.indices where row[index] > row[best] { best = index }
    return best - row.startIndex
  }

  /// A class before the right one wins a tie, as in ``highest(_:)``; a score that is not a number loses.
  func topKAccuracy(_ k: Int) -> Double {
    let hits = labels.indices.count { sample in
      let first = sample * classCount, right = labels[sample], score = scores[first + right]
      guard !score.isNaN else { return false }
      let before = (0..<classCount).count { scores[first + $0] > score || ($0 < right && scores[first + $0] == score) }
      return before < k
    }
    return Double(hits) / Double(labels.count)
  }

  var logLoss: Double {
    -labels.indices.reduce(0.0) { sum, sample in
      sum + log(max(Double(scores[sample * classCount + labels[sample]]), .ulpOfOne))
    } / Double(labels.count)
  }

  func calibrationError(binCount: Int) -> Double {
    var confidence = [Double](repeating: 0, count: binCount), hits = [Int](repeating: 0, count: binCount)
    for sample in labels.indices {
      let answer = highest(sample), p = Double(scores[sample * classCount + answer])
      // A bin has its upper limit: (i/n, (i + 1)/n].
      let bin = p.isNaN ? 0 : min(max(Int((p * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
      confidence[bin] += p
      hits[bin] += answer == labels[sample] ? 1 : 0
    }
    return zip(confidence, hits).reduce(0) { $0 + abs(Double($1.1) - $1.0) } / Double(labels.count)
  }
}
