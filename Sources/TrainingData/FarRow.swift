/// A row with a feature that lies far beyond that of all the others: most likely a mistake in the data.
public struct FarRow: Sendable, Hashable {
  /// The row of the data set.
  public let row: Int
  /// The feature that is farthest off, counted from 0.
  public let feature: Int
  /// What it is in the data set, before any normalization.
  public let value: Float
  /// How many times as far from the feature's middle as that of any row which is not far off.
  public let factor: Double

  /// From which factor on a row is called far off.
  public static let leastFactor = 1000.0
  /// The most rows that can be far off at once; more are no exceptions.
  public static let limit = 8
}

extension FarRow {
  /// What there is to say of some rows, farthest first, without a full stop.
  ///
  /// - Precondition: there is one.
  package static func finding(_ rows: [FarRow]) -> String {
    let first = rows[0]
    let place = rows.count == 1 ? "its feature \(first.feature)" : "feature \(first.feature) of row \(first.row)"
    return "\(names(rows)) far beyond all others: \(place) is \(first.value), \(rounded(first.factor)) times as far "
      + "off as theirs"
  }

  /// What to do about them.
  package static func advice(_ rows: [FarRow]) -> String {
    "remove or correct \(rows.count == 1 ? "it" : "them"), or scale robustly and bound the gradient (clipNorm: 1)"
  }

  private static func names(_ rows: [FarRow]) -> String {
    guard rows.count > 1 else { return "row \(rows[0].row) of the data set lies" }
    return "rows " + rows.dropLast().map { "\($0.row)" }.joined(separator: ", ")
      + " and \(rows[rows.count - 1].row) of the data set lie"
  }

  /// A large number with one digit, as in `3e8`.
  private static func rounded(_ number: Double) -> String {
    guard number.isFinite else { return "1e308" }
    var digits = number, exponent = 0
    while digits >= 9.5 {
      digits /= 10
      exponent += 1
    }
    return "\(Int(digits.rounded()))e\(exponent)"
  }
}

extension DataSubset {
  /// The rows with a feature that lies a thousand times as far from the feature's middle as in all the others; farthest
  /// first, none in most data.
  ///
  /// One such row decides alone what a scaling measures and what a network learns. At most ``FarRow/limit`` rows, and one
  /// in a hundred, can be far off; below sixteen rows, none is. Heavy tails, rare categories and outliers of a usual kind
  /// are left alone: what counts is the gap between the far rows and the others.
  ///
  /// - Parameter columns: features that are left out, such as numbers of categories.
  /// - Complexity: a pass over the rows, and a sort of 255 of them, unless these were the rows that were asked for last;
  ///   nothing for bytes, which cannot be so far apart.
  public func farRows(leaving columns: Set<Int> = []) -> [FarRow] {
    guard case .float32(let floats) = dataset.features.values, sampleCount >= 16 else { return [] }
    let features = dataset.features
    return features.farRowMemory.recall(rows, leaving: columns) {
      var reaches = FeatureReaches(features, rows: rows, of: floats.baseAddress)
      reaches.measure()
      return reaches.farRows(leaving: columns)
    }
  }
}
