/// The smallest and the largest feature over some rows.
struct FeatureExtremes {
  let smallest: Double
  let largest: Double

  /// Measures the rows.
  ///
  /// - Precondition: there is a row, and every row exists (the caller checks).
  init(of features: FeatureStorage, rows: [UInt32]) {
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    features.forEachRow(rows) { row in
      for value in row {
        smallest = min(smallest, value)
        largest = max(largest, value)
      }
    }
    (self.smallest, self.largest) = (smallest, largest)
  }

  /// The distance from 0 of the feature that is farthest from it.
  var largestMagnitude: Double { max(abs(smallest), abs(largest)) }
}
