/// The mean and the variance of every feature over some rows.
struct FeatureMoments {
  /// The mean of each feature.
  let means: [Double]
  /// The variance of each feature: the mean squared distance from its mean.
  let variances: [Double]

  /// Measures the rows in two passes, which unlike a single one loses nothing when the mean is large.
  ///
  /// - Precondition: there is a row, and every row exists (the caller checks).
  init(of features: FeatureStorage, rows: [UInt32]) {
    let rowCount = Double(rows.count)
    let sums = features.sum(over: rows) { value, _ in value }
    let means = sums.map { $0 / rowCount }
    let squares = means.withUnsafeBufferPointer { means in
      features.sum(over: rows) { value, feature in (value - means[feature]) * (value - means[feature]) }
    }
    self.means = means
    self.variances = squares.map { $0 / rowCount }
  }

  /// The mean and the variance over all features together: the variance within features plus that between their means.
  var pooled: (mean: Double, variance: Double) {
    let featureCount = Double(means.count)
    let mean = means.reduce(0, +) / featureCount
    let between = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (variances.reduce(0, +) + between) / featureCount)
  }
}

extension FeatureStorage {
  /// Adds up a term of every row, one sum for each feature, in the order of the rows.
  fileprivate func sum(over rows: [UInt32], of term: (_ value: Double, _ feature: Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: featureCount)
    sums.withUnsafeMutableBufferPointer { sums in
      forEachRow(rows) { row in
        for feature in row.indices { sums[feature] += term(row[feature], feature) }
      }
    }
    return sums
  }
}
