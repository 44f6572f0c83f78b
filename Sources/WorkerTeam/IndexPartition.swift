/// A cut of the indices `0..<count` into contiguous ranges, one per worker, in order.
///
/// Every index is in exactly one range. Ranges may be empty, as they must be when there are more parts than indices.
package struct IndexPartition: Sendable, Equatable, RandomAccessCollection {
  /// Where the ranges begin, and at last where the last one ends: `parts + 1` numbers that never decrease.
  private let bounds: [Int]

  package var startIndex: Int { 0 }
  package var endIndex: Int { bounds.count - 1 }

  /// The range of the part at `position`.
  package subscript(position: Int) -> Range<Int> {
    bounds[position]..<bounds[position + 1]
  }

  /// Cuts `0..<count` into `parts` ranges whose sizes differ by one at most, the larger ones first.
  ///
  /// With q = ⌊count / parts⌋ and r = count mod parts, the first r parts get q + 1 indices and the others q:
  ///
  ///     count  parts   q  r   ranges
  ///        10      4   2  2   0..<3  3..<6  6..<8  8..<10
  ///         8      4   2  0   0..<2  2..<4  4..<6  6..<8
  ///         2      3   0  2   0..<1  1..<2  2..<2
  ///         0      2   0  0   0..<0  0..<0
  ///
  /// - Precondition: `count` is not negative and `parts` is positive.
  package init(count: Int, parts: Int) {
    precondition(parts > 0, "IndexPartition: expected at least one part, got \(parts)")
    let starts = (0..<parts).map { Self.range(ofPart: $0, parts: parts, count: count).lowerBound }
    self.init(bounds: starts + [count])
  }

  private init(bounds: [Int]) {
    self.bounds = bounds
  }

  /// One range of the balanced cut, computed without making the others; allocates nothing.
  package static func range(ofPart part: Int, parts: Int, count: Int) -> Range<Int> {
    precondition(count >= 0, "IndexPartition: expected a count of zero or more, got \(count)")
    precondition(part >= 0 && part < parts, "IndexPartition: expected a part from 0 to \(parts - 1), got \(part)")
    let (quotient, remainder) = count.quotientAndRemainder(dividingBy: parts)
    let start = part * quotient + Swift.min(part, remainder)
    return start..<(start + quotient + (part < remainder ? 1 : 0))
  }

  /// Cuts the indices of `costs` into `parts` ranges of about equal cost.
  ///
  /// Bound p is put where the cost of all that is before it comes nearest to p / parts of the total (the lower index
  /// on a tie), so no part costs more than total / parts plus the largest single cost:
  ///
  ///     costs           5   1   1   1   4   4        total 16, parts 3: bounds aim at 5⅓ and 10⅔
  ///     cost before   0   5   6   7   8  12  16      nearest: 5 (index 1) and 12 (index 5)
  ///     ranges        0..<1 (5)   1..<5 (7)   5..<6 (4)
  ///
  /// Equal costs give sizes that differ by one at most; a total of zero gives the balanced cut.
  /// - Precondition: no cost is negative, their sum fits in an `Int`, and `parts` is positive.
  /// - Complexity: O(count + parts · log count).
  package init(costs: [Int], parts: Int) {
    precondition(parts > 0, "IndexPartition: expected at least one part, got \(parts)")
    var costBefore = [0]
    costBefore.reserveCapacity(costs.count + 1)
    for cost in costs {
      precondition(cost >= 0, "IndexPartition: expected costs of zero or more, got \(cost)")
      costBefore.append(costBefore[costBefore.count - 1] + cost)
    }
    guard let total = costBefore.last, total > 0 else {
      self.init(count: costs.count, parts: parts)
      return
    }
    let inner = (1..<parts).map { Self.nearestIndex(to: $0, of: parts, in: costBefore, total: total) }
    self.init(bounds: [0] + inner + [costs.count])
  }

  /// The index whose `costBefore` is nearest to part / parts of the total, the lower one on a tie.
  private static func nearestIndex(to part: Int, of parts: Int, in costBefore: [Int], total: Int) -> Int {
    // The aim is part · total / parts = whole + rest / parts; the product needs twice the width of an Int.
    let (whole, rest) = parts.dividingFullWidth(total.multipliedFullWidth(by: part))
    var low = 0
    var high = costBefore.count - 1
    while low < high {
      let middle = low + (high - low) / 2
      let reachesAim = costBefore[middle] > whole || (costBefore[middle] == whole && rest == 0)
      if reachesAim { high = middle } else { low = middle + 1 }
    }
    if low == 0 { return 0 }
    // `low` is the first index at or above the aim. It wins when it is nearer: above − aim < aim − below. In parts-ths
    // that is (above − whole) + (below − whole) < 2 · rest / parts, and the left side is a whole number.
    let (above, below) = (costBefore[low] - whole, costBefore[low - 1] - whole)
    let isAboveNearer =
      switch above + below {
      case ..<0: true
      case 0: rest > 0
      case 1: rest > parts - rest
      default: false
      }
    return isAboveNearer ? low : low - 1
  }
}
