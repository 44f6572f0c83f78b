/// How far computed tensors are from expected ones.
enum Departure {
  /// The largest difference, relative to the largest element expected: single elements come arbitrarily near zero.
  ///
  /// NaN, which no bound accepts, when the counts differ or an element is not a number.
  static func of(_ values: [some BinaryFloatingPoint], from expected: [Double]) -> Double {
    guard values.count == expected.count else { return .nan }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    var worst = 0.0
    for (value, wanted) in zip(values, expected) {
      let difference = abs(Double(value) - wanted)
      if difference.isNaN { return .nan }
      worst = max(worst, difference)
    }
    return worst == 0 ? 0 : worst / max(scale, .leastNormalMagnitude)
  }

  /// The largest of several, NaN if one of them is.
  static func worst(_ departures: [Double]) -> Double {
    departures.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
  }

  /// A departure as messages show it, as in `3.1e-07`.
  static func text(_ departure: Double) -> String {
    guard departure > 0, departure.isFinite else { return "\(departure)" }
    var value = departure, exponent = 0
    while value < 1 {
      value *= 10
      exponent -= 1
    }
    return "\((value * 10).rounded() / 10)e\(exponent)"
  }
}
