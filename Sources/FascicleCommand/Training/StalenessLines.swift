import Fascicle

/// How stale gradients were, for people and for programs.
enum StalenessLines {
  /// A sentence, and a row for each staleness that is not too rare to show.
  static func lines(_ staleness: StalenessHistogram) -> [String] {
    let updates = NumberFormat.grouped(staleness.updateCount)
    let summary =
      "\(NumberFormat.fixed(staleness.mean, 2)) other updates between reading and writing, on average of \(updates); "
      + "at most \(NumberFormat.grouped(staleness.largest))"
    guard staleness.updateCount > 0 else { return [summary] }
    var table = TextTable([.left, .right, .right])
    for (others, count) in staleness.counts.enumerated() {
      let share = Double(count) / Double(staleness.updateCount)
      guard share >= smallestShare else { continue }
      table.add([name(others), NumberFormat.grouped(count), NumberFormat.percent(share, decimals: 1)])
    }
    return [summary] + table.lines
  }

  /// `staleness`: the whole histogram.
  static func json(_ staleness: StalenessHistogram) -> JSONValue {
    .object([
      "counts": .list(staleness.counts.map { .whole($0) }), "mean": .number(staleness.mean),
      "largest": .whole(staleness.largest), "updates": .whole(staleness.updateCount),
    ])
  }

  private static let smallestShare = 0.001

  private static func name(_ others: Int) -> String {
    let isLast = others == StalenessHistogram.largestCountedStaleness
    return "\(others)\(isLast ? " and more" : "")"
  }
}
