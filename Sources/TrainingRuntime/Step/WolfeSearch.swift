import Glibc

/// A search along a line for a point that satisfies the strong Wolfe conditions.
///
/// Source: Nocedal, Wright, "Numerical Optimization", 2006, algorithms 3.5 and 3.6, with the interpolation, the margins and the
/// numbers of PyTorch's `_strong_wolfe`, and halves where a value is not finite.
package struct WolfeSearch {
  /// What is found at a length along the line: the value, and its derivative along the line.
  package struct Point: Sendable {
    package var length: Double
    package var value: Double
    package var slope: Double

    package init(length: Double, value: Double, slope: Double) {
      self.length = length
      self.value = value
      self.slope = slope
    }
  }

  /// How much of the first slope's promise must be kept.
  static let sufficientDecrease = 1e-4
  /// How much of the first slope may be left.
  static let curvature = 0.9
  /// The shortest bracket, times the direction's largest element.
  static let smallestChange = 1e-9

  let start: Point
  /// The direction's largest element.
  let largestElement: Double
  let evaluationLimit: Int

  package init(start: Point, largestElement: Double, evaluationLimit: Int) {
    self.start = start
    self.largestElement = largestElement
    self.evaluationLimit = evaluationLimit
  }

  /// The best point found; `start` where none is better.
  ///
  /// - Parameters:
  ///   - first: the length to try first.
  ///   - evaluate: gives value and slope at a length.
  package func search(from first: Double, evaluate: (Double) throws -> Point) throws -> Point {
    var point = try evaluate(first), previous = start, evaluations = 1
    while true {
      if !isSufficient(point) || (evaluations > 2 && point.value >= previous.value) {
        return try zoom(low: previous, high: point, evaluations: evaluations, evaluate: evaluate)
      }
      if abs(point.slope) <= -Self.curvature * start.slope { return point }
      if point.slope >= 0 { return try zoom(low: point, high: previous, evaluations: evaluations, evaluate: evaluate) }
      guard evaluations < evaluationLimit else { return point }
      let length = Self.cubicMinimum(
        previous, point, bounds: point.length + 0.01 * (point.length - previous.length)...point.length * 10)
      previous = point
      point = try evaluate(length)
      evaluations += 1
    }
  }

  private func isSufficient(_ point: Point) -> Bool {
    point.value <= start.value + Self.sufficientDecrease * point.length * start.slope
  }

  /// Shrinks a bracket that contains a point to be accepted; its low end has kept enough of the promise, always.
  private func zoom(
    low: Point, high: Point, evaluations: Int, evaluate: (Double) throws -> Point
  ) throws -> Point {
    var low = low, high = high, evaluations = evaluations, isStuck = false
    while evaluations < evaluationLimit {
      let least = min(low.length, high.length), most = max(low.length, high.length)
      if (most - least) * largestElement < Self.smallestChange { break }
      var length = Self.cubicMinimum(low, high, bounds: least...most)
      let margin = 0.1 * (most - least)
      if min(most - length, length - least) < margin {
        // Twice near an end, or once at it: the next one keeps away.
        if isStuck || length >= most || length <= least {
          length = abs(length - most) < abs(length - least) ? most - margin : least + margin
          isStuck = false
        } else {
          isStuck = true
        }
      } else {
        isStuck = false
      }
      let point = try evaluate(length)
      evaluations += 1
      if !isSufficient(point) || point.value >= low.value {
        high = point
      } else {
        if abs(point.slope) <= -Self.curvature * start.slope { return point }
        if point.slope * (high.length - low.length) >= 0 { high = low }
        low = point
      }
    }
    return low
  }

  /// The minimum of the cubic through two points with their slopes, within bounds; their middle where it has none.
  static func cubicMinimum(_ one: Point, _ other: Point, bounds: ClosedRange<Double>) -> Double {
    let (left, right) = one.length <= other.length ? (one, other) : (other, one)
    let sum = left.slope + right.slope - 3 * (left.value - right.value) / (left.length - right.length)
    let square = sum * sum - left.slope * right.slope, middle = (bounds.lowerBound + bounds.upperBound) / 2
    guard square >= 0 else { return middle }
    let root = square.squareRoot()
    let length =
      right.length - (right.length - left.length) * ((right.slope + root - sum) / (right.slope - left.slope + 2 * root))
    return length.isFinite ? min(max(length, bounds.lowerBound), bounds.upperBound) : middle
  }
}
