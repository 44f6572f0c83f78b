/// The mean and the variance of every feature over some rows.
struct FeatureMoments {
  /// The mean of each feature.
  let means: [Double]
  /// The variance of each feature: the mean squared distance from its mean.
  let variances: [Double]

  /// Measures the rows.
  ///
  /// - Precondition: there is a row, and every row exists (the caller checks).
  init(of features: FeatureStorage, rows: [UInt32]) {
    switch features.values {
    case .uint8(let bytes): self.init(ofBytes: bytes.baseAddress, rows: rows, features)
    case .float32(let floats): self.init(ofFloats: floats.baseAddress, rows: rows, features)
    }
  }

  /// The mean and the variance over all features together: the variance within features plus that between their means.
  var pooled: (mean: Double, variance: Double) {
    let featureCount = Double(means.count)
    let mean = means.reduce(0, +) / featureCount
    let between = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (variances.reduce(0, +) + between) / featureCount)
  }
}

// MARK: - Bytes

extension FeatureMoments {
  /// One pass over integers, whose sums are exact, so that n·Σx² − (Σx)² loses nothing, however large the mean.
  private init(ofBytes values: UnsafePointer<UInt8>, rows: [UInt32], _ features: FeatureStorage) {
    var sums = [Int](repeating: 0, count: features.featureCount), squares = sums
    for piece in features.pieces(of: rows, rowLimit: Self.exactRows) {
      Self.add(piece, of: values, to: &sums, squares: &squares)
    }
    let rowCount = rows.count
    means = sums.map { Double($0) / Double(rowCount) }
    variances = zip(sums, squares).map { sum, square in
      let scaled = Int128(rowCount) * Int128(square) - Int128(sum) * Int128(sum)
      return Double(scaled) / (Double(rowCount) * Double(rowCount))
    }
  }

  /// Rows whose squares, of 255² at most, add up within 32 bits.
  ///
  /// That is half the width of the totals, and so twice the values in a vector: an image set is measured before the first
  /// step can be taken.
  private static let exactRows = 1 << 16

  private static func add(
    _ rows: ArraySlice<UInt32>, of values: UnsafePointer<UInt8>, to sums: inout [Int], squares: inout [Int]
  ) {
    let featureCount = sums.count
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * featureCount) { partial in
      partial.initialize(repeating: 0)
      let partialSums = partial.baseAddress.unsafelyUnwrapped, partialSquares = partialSums + featureCount
      for index in rows {
        let row = values + Int(index) * featureCount
        for feature in 0..<featureCount {
          let value = UInt16(row[feature])
          partialSums[feature] &+= UInt32(value)
          partialSquares[feature] &+= UInt32(value &* value)
        }
      }
      for feature in 0..<featureCount {
        sums[feature] += Int(partialSums[feature])
        squares[feature] += Int(partialSquares[feature])
      }
    }
  }
}

// MARK: - Floats

extension FeatureMoments {
  /// Two passes, which unlike a single one lose nothing when the mean is large.
  private init(ofFloats values: UnsafePointer<Float>, rows: [UInt32], _ features: FeatureStorage) {
    let rowCount = Double(rows.count)
    let sums = Self.sum(rows, of: values, features) { value, _ in value }
    let means = sums.map { $0 / rowCount }
    let squares = means.withUnsafeBufferPointer { means in
      Self.sum(rows, of: values, features) { value, feature in
        (value - means[feature]) * (value - means[feature])
      }
    }
    self.means = means
    variances = squares.map { $0 / rowCount }
  }

  /// Adds up a term of every row, one sum for each feature, in the order of the rows.
  @inline(__always)  // with its term, so that this is a loop over vectors
  private static func sum(
    _ rows: [UInt32], of values: UnsafePointer<Float>, _ features: FeatureStorage,
    _ term: (_ value: Double, _ feature: Int) -> Double
  ) -> [Double] {
    let featureCount = features.featureCount
    var sums = [Double](repeating: 0, count: featureCount)
    for piece in features.pieces(of: rows) {
      sums.withUnsafeMutableBufferPointer { sums in
        for index in piece {
          let row = values + Int(index) * featureCount
          for feature in 0..<featureCount { sums[feature] += term(Double(row[feature]), feature) }
        }
      }
    }
    return sums
  }
}
