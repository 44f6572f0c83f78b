/// How features are brought to a scale that networks learn well on.
///
/// What a normalization measures, it measures on the training rows only, so that nothing leaks from held-out rows.
public enum Normalization: String, Sendable, CaseIterable {
  /// Features are used as they are.
  case none
  /// Features are divided by the largest value of their type: bytes by 255, floats by the largest magnitude measured.
  case unit
  /// Features are mapped from the range measured over all of them onto 0 ... 1.
  case range
  /// Features get mean 0 and variance 1, measured over all of them together.
  case standardize
  /// Each feature gets mean 0 and variance 1 of its own; one that never varies is only shifted to 0.
  case standardizeFeatures
  /// Each feature is mapped from its own range onto 0 ... 1.
  case rangeFeatures
  /// Each feature is moved by its median and divided by the distance between its quartiles, which single large values hardly
  /// change.
  case robustFeatures

  /// Measures the given rows and derives what to do with every feature.
  ///
  /// - Parameters:
  ///   - dataset: the data set that the rows belong to.
  ///   - rows: the training rows, at least one.
  /// - Throws: `.emptyDataset` without rows; `.rowOutOfRange` when an index is no row.
  /// - Complexity: none or a few passes over the rows; for ``rangeFeatures`` and ``robustFeatures`` one for every few features,
  ///   and for the latter a sort of each feature.
  /// - Numerics: sums run in `Double`, one per feature, in the order of `rows`; variances divide by the number of rows.
  public func fit(on dataset: Dataset, rows: [UInt32]) throws(TrainingDataError) -> FeatureTransform {
    guard !rows.isEmpty else {
      throw TrainingDataError(.emptyDataset, "\(dataset.name): expected at least one row to measure, got none")
    }
    try rows.requireRows(of: dataset)
    let features = dataset.features
    switch self {
    case .none:
      return .identity(featureCount: features.featureCount)
    case .unit:
      let largest = features.elementType == .uint8 ? 255 : FeatureExtremes(of: features, rows: rows).largestMagnitude
      return .standardizing(mean: 0, deviation: largest, featureCount: features.featureCount)
    case .range:
      let extremes = FeatureExtremes(of: features, rows: rows)
      return .standardizing(
        mean: extremes.smallest, deviation: extremes.largest - extremes.smallest, featureCount: features.featureCount)
    case .standardize:
      let (mean, variance) = FeatureMoments(of: features, rows: rows).pooled
      return .standardizing(mean: mean, deviation: variance.squareRoot(), featureCount: features.featureCount)
    case .standardizeFeatures:
      let moments = FeatureMoments(of: features, rows: rows)
      return .standardizing(means: moments.means, deviations: moments.variances.map { $0.squareRoot() })
    case .rangeFeatures: return .scaling(features.scales(.range, rows: rows))
    case .robustFeatures: return .scaling(features.scales(.robust, rows: rows))
    }
  }
}

extension DataSubset {
  /// Measures these rows and derives what a normalization does with every feature.
  ///
  /// - Throws: `.emptyDataset` when there are no rows.
  public func transform(for normalization: Normalization) throws(TrainingDataError) -> FeatureTransform {
    try normalization.fit(on: dataset, rows: rows)
  }
}
