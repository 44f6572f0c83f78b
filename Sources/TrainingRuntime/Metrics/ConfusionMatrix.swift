/// How many samples of each class were taken for each class.
public struct ConfusionMatrix: Sendable, Hashable {
  /// How many classes there are.
  public let classCount: Int
  /// Row-major [right class][class that was answered].
  public let counts: [Int]

  /// Counts pairs of a right and an answered class.
  ///
  /// - Precondition: as many answers as right classes, each below `classCount` (checked).
  public init(actual: [Int], predicted: [Int], classCount: Int) {
    precondition(actual.count == predicted.count, "expected \(actual.count) answers, got \(predicted.count)")
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (right, answer) in zip(actual, predicted) {
      precondition(
        (0..<classCount).contains(right) && (0..<classCount).contains(answer), "expected classes below \(classCount)")
      counts[right * classCount + answer] += 1
    }
    self.classCount = classCount
    self.counts = counts
  }

  /// Samples of class `actual` that were taken for `predicted`.
  ///
  /// - Precondition: both are below the number of classes (checked).
  public subscript(actual actual: Int, predicted predicted: Int) -> Int {
    precondition((0..<classCount).contains(actual) && (0..<classCount).contains(predicted), "no such class")
    return counts[actual * classCount + predicted]
  }

  /// Samples in all.
  public var sampleCount: Int { counts.reduce(0, +) }

  /// Share of samples whose answer is right.
  public var accuracy: Double {
    Double((0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: $1] }) / Double(sampleCount)
  }

  /// Samples whose right class this is.
  public func support(ofClass index: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[actual: index, predicted: $1] }
  }

  /// Share of those taken for this class that are of it; 0 where none were.
  public func precision(ofClass index: Int) -> Double {
    Self.share(
      self[actual: index, predicted: index], of: (0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: index] })
  }

  /// Share of this class's samples that were taken for it; 0 where there are none.
  public func recall(ofClass index: Int) -> Double {
    Self.share(self[actual: index, predicted: index], of: support(ofClass: index))
  }

  /// The harmonic mean of precision and recall, 2·P·R/(P + R); 0 where both are.
  public func f1(ofClass index: Int) -> Double {
    let precision = precision(ofClass: index), recall = recall(ofClass: index)
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }

  static func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
