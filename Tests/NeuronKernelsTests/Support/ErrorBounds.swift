import Testing

/// Rounding-error bounds for single precision.
enum ErrorBounds {
  /// Unit roundoff of `Float`, 2⁻²⁴.
  static let unitRoundoff = 0x1p-24

  /// γₙ = n·u/(1 − n·u), which bounds the relative error of n roundings.
  ///
  /// Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., lemma 3.1.
  static func gamma(_ n: Int) -> Double { Double(n) * unitRoundoff / (1 - Double(n) * unitRoundoff) }

  /// How many units in the last place of the correctly rounded result `actual` is from `exact`.
  static func ulps(_ actual: Float, from exact: Double) -> Double {
    let rounded = Float(exact)
    if rounded.isInfinite || actual.isInfinite { return rounded == actual ? 0 : .infinity }
    if rounded.isNaN || actual.isNaN { return rounded.isNaN && actual.isNaN ? 0 : .infinity }
    return abs(Double(actual) - exact) / Double(max(rounded.ulp, .leastNonzeroMagnitude))
  }
}

/// The largest of many errors, each measured against its own bound.
struct WorstError {
  private(set) var ratio = 0.0
  private(set) var count = 0

  /// Notes that `actual` should be within `bound` of `exact`.
  mutating func note(_ actual: Float, exact: Double, bound: Double) {
    count += 1
    let error = abs(Double(actual) - exact)
    // Not `max`: a NaN must count as the worst error there is.
    if error == 0 { return }
    let share = error / bound
    ratio = share.isNaN ? .infinity : max(ratio, share)
  }

  /// Notes that `actual` should be the sum of `terms` up to `bound` times the sum of their magnitudes.
  mutating func note(_ actual: Float, terms: [Double], bound: Double) {
    note(
      actual, exact: terms.reduce(0, +),
      bound: bound * terms.reduce(0) { $0 + abs($1) } + Double(Float.leastNormalMagnitude))
  }

  /// Reports the worst error and expects it within its bound.
  func expectWithinBound(_ what: String) {
    print("\(what): worst error of \(count) values is \(ratio) of its bound")
    #expect(count > 0)
    #expect(ratio <= 1, "\(what)")
  }
}
