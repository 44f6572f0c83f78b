extension ProcessorSet: CustomStringConvertible {
  /// Reads the list form that `taskset -c`, `numactl` and `/sys` use, as in `0-3,8`.
  ///
  /// The empty text is the empty set. The result is `nil` for any other text that is not a list of indices below
  /// ``capacity`` and of rising ranges.
  public init?(list: String) {
    self.init()
    guard !list.isEmpty else { return }
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let range = Self.range(item) else { return nil }
      for processor in range { insert(processor) }
    }
  }

  /// The list form, as in `0-3,8`; `none` for the empty set.
  public var description: String { isEmpty ? "none" : Self.list(self) }

  /// Writes indices in their own order, with each run of consecutive indices shortened, as in `4-7,0`.
  package static func list(_ processors: some Sequence<Int>) -> String {
    var runs: [ClosedRange<Int>] = []
    for processor in processors {
      if let run = runs.last, run.upperBound + 1 == processor {
        runs[runs.count - 1] = run.lowerBound...processor
      } else {
        runs.append(processor...processor)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }

  private static func range(_ item: Substring) -> ClosedRange<Int>? {
    let bounds = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    guard bounds.count <= 2, let first = bounds.first, let last = bounds.last,
      first >= 0, first <= last, last < capacity
    else { return nil }
    return first...last
  }
}
