/// What is done to every feature before the network sees it: x·scale + shift, while a minibatch is gathered.
///
/// - Numerics: both numbers are rounded to `Float`, so a feature whose mean is m deviations away from 0 comes out with an
///   error of up to about m·2⁻²⁴: nothing for pixels, but subtract an offset of millions before.
public struct FeatureTransform: Equatable, Sendable {
  /// The factor of each feature; finite.
  public let scale: [Float]
  /// What is added to each feature after scaling; finite.
  public let shift: [Float]

  /// Restores a transform, for example from a model file.
  ///
  /// - Throws: `.countMismatch` when the arrays differ in length; `.valueNotFinite` at the first infinity or NaN.
  public init(scale: [Float], shift: [Float]) throws(TrainingDataError) {
    guard scale.count == shift.count else {
      throw TrainingDataError(
        .countMismatch,
        "expected a scale and a shift for each feature, got \(scale.count) scales and \(shift.count) shifts")
    }
    if let feature = scale.indices.first(where: { !scale[$0].isFinite || !shift[$0].isFinite }) {
      throw TrainingDataError(
        .valueNotFinite,
        "expected a finite scale and shift, got \(scale[feature]) and \(shift[feature]) for feature \(feature)")
    }
    self.init(checkedScale: scale, shift: shift)
  }

  /// Makes (x − mean) / deviation, with a mean and a deviation for each feature, as other programs keep them.
  ///
  /// A deviation of 0, or one so small that its inverse is no `Float`, belongs to a constant feature, which is only shifted.
  /// - Throws: `.countMismatch` when the arrays differ in length; `.valueNotFinite` at the first infinity or NaN.
  public init(means: [Double], deviations: [Double]) throws(TrainingDataError) {
    guard means.count == deviations.count else {
      throw TrainingDataError(
        .countMismatch,
        "expected a mean and a deviation for each feature, got \(means.count) means and \(deviations.count) deviations")
    }
    if let feature = means.indices.first(where: { !means[$0].isFinite || !deviations[$0].isFinite }) {
      throw TrainingDataError(
        .valueNotFinite,
        "expected a finite mean and deviation, got \(means[feature]) and \(deviations[feature]) for feature \(feature)")
    }
    let transform = FeatureTransform.standardizing(means: means, deviations: deviations)
    // A mean beyond the range of Float would still be infinite.
    try self.init(scale: transform.scale, shift: transform.shift)
  }

  private init(checkedScale scale: [Float], shift: [Float]) {
    self.scale = scale
    self.shift = shift
  }

  /// How many features it is made for.
  public var featureCount: Int { scale.count }

  /// Whether every feature stays as it is, so that a gather may skip the arithmetic.
  public var isIdentity: Bool {
    scale.allSatisfy { $0 == 1 } && shift.allSatisfy { $0 == 0 }
  }

  /// The transformed value of one feature.
  ///
  /// - Numerics: one fused multiply-add, as in the gather kernels.
  public func callAsFunction(_ value: Float, feature: Int) -> Float {
    shift[feature].addingProduct(value, scale[feature])
  }
}

extension FeatureTransform {
  /// The transform that changes nothing.
  public static func identity(featureCount: Int) -> FeatureTransform {
    FeatureTransform(
      checkedScale: [Float](repeating: 1, count: featureCount), shift: [Float](repeating: 0, count: featureCount))
  }

  /// (x − centre) / spread, with a pair for each feature.
  static func scaling(_ scales: [PreparedScale]) -> FeatureTransform {
    standardizing(means: scales.map(\.centre), deviations: scales.map(\.spread))
  }

  /// (x − mean) / deviation with one pair for all features.
  static func standardizing(mean: Double, deviation: Double, featureCount: Int) -> FeatureTransform {
    standardizing(
      means: [Double](repeating: mean, count: featureCount),
      deviations: [Double](repeating: deviation, count: featureCount))
  }

  /// (x − mean) / deviation with a pair for each feature.
  ///
  /// A deviation of 0, or one so small that its inverse is no `Float`, belongs to a constant feature, whose scale is 1.
  static func standardizing(means: [Double], deviations: [Double]) -> FeatureTransform {
    let pairs = zip(means, deviations).map { mean, deviation in
      // A subtraction, not a negation, so that a mean of 0 gives a shift of 0 rather than −0.
      let (scale, shift) = (Float(1 / deviation), Float((0 - mean) / deviation))
      return scale.isFinite && shift.isFinite ? (scale: scale, shift: shift) : (scale: 1, shift: Float(0 - mean))
    }
    return FeatureTransform(checkedScale: pairs.map(\.scale), shift: pairs.map(\.shift))
  }
}
