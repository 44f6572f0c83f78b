/// How far predicted values are from their targets.
public struct RegressionMetrics: Sendable, Hashable {
  /// Figures of one target.
  public struct TargetFigures: Sendable, Hashable {
    /// √ of the mean of e², e = prediction − target, in the target's unit.
    public let rootMeanSquaredError: Double
    /// Mean of |e|, in the target's unit.
    public let meanAbsoluteError: Double
    /// 1 − Σe²/Σ(t − t̄)², the share of variance that is explained; of a constant target, 1 when it is met, else 0.
    public let r2: Double
  }

  /// Samples measured.
  public let sampleCount: Int
  /// The figures of every target.
  public let targets: [TargetFigures]
  /// √ of the mean of e² over all targets.
  public let rootMeanSquaredError: Double

  /// Measures predictions, row-major [sample][target], against targets of the same form.
  ///
  /// - Precondition: as many targets as predictions, whole rows of them, one at least (checked).
  /// - Numerics: sums run in `Double`, in the samples' order.
  public init(predictions: [Float], targets: [Float], targetCount: Int) {
    precondition(
      targetCount > 0 && !targets.isEmpty && predictions.count == targets.count
        && targets.count.isMultiple(of: targetCount),
      "expected rows of \(targetCount) predictions and as many targets, got \(predictions.count) and \(targets.count)")
    let rowCount = targets.count / targetCount
    var squares = 0.0
    sampleCount = rowCount
    self.targets = (0..<targetCount).map { column in
      let wanted = (0..<rowCount).map { Double(targets[$0 * targetCount + column]) }
      let errors = (0..<rowCount).map { Double(predictions[$0 * targetCount + column]) - wanted[$0] }
      let sum = errors.reduce(0) { $0 + $1 * $1 }, mean = wanted.reduce(0, +) / Double(rowCount)
      let spread = wanted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      squares += sum
      return TargetFigures(
        rootMeanSquaredError: (sum / Double(rowCount)).squareRoot(),
        meanAbsoluteError: errors.reduce(0) { $0 + abs($1) } / Double(rowCount),
        r2: spread > 0 ? 1 - sum / spread : sum == 0 ? 1 : 0)
    }
    rootMeanSquaredError = (squares / Double(targets.count)).squareRoot()
  }

  /// Mean of |e| over all targets.
  public var meanAbsoluteError: Double {
    ClassificationMetrics.mean(targets.map(\.meanAbsoluteError)) ?? 0
  }
  /// Mean R² of the targets.
  public var r2: Double { ClassificationMetrics.mean(targets.map(\.r2)) ?? 0 }
}
