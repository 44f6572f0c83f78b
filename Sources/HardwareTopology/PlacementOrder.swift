/// The order in which workers take processors.
enum PlacementOrder {
  /// Sorts processors as ``WorkerPlacement/plan(machine:budget:workerCount:)`` promises.
  static func processors(_ processors: [Machine.Processor]) -> [Machine.Processor] {
    let tiers = Dictionary(grouping: withThreadNumbers(processors), by: \.tier)
    let nesting: [(Machine.Processor) -> Int] = [\.package, \.numaNode, \.lastLevelCache]
    return tiers.sorted { $0.key < $1.key }.flatMap { fullestFirst($0.value.map(\.processor), nesting[...]) }
  }

  /// Processors of one tier are equally good but for where they are; lower tiers are taken first.
  private struct Tier: Hashable, Comparable {
    /// 0 for the first usable thread of its core, 1 for the second, ….
    let thread: Int
    let efficiencyRank: Int

    static func < (left: Tier, right: Tier) -> Bool {
      // Even a slow core of its own beats a share of a fast one.
      (left.thread, -left.efficiencyRank) < (right.thread, -right.efficiencyRank)
    }
  }

  /// Threads are counted among the usable ones: where only a core's second thread is allowed, it is the core's first.
  private static func withThreadNumbers(
    _ processors: [Machine.Processor]
  ) -> [(processor: Machine.Processor, tier: Tier)] {
    Dictionary(grouping: processors, by: \.core).values.flatMap { core in
      core.sorted { ($0.smtIndex, $0.osIndex) < ($1.smtIndex, $1.osIndex) }.enumerated().map { thread, processor in
        (processor, Tier(thread: thread, efficiencyRank: processor.efficiencyRank))
      }
    }
  }

  /// Finishes one group before the next at each level of the nesting, so that workers spread over as few as possible.
  private static func fullestFirst(
    _ processors: [Machine.Processor], _ nesting: ArraySlice<(Machine.Processor) -> Int>
  ) -> [Machine.Processor] {
    guard let group = nesting.first else { return processors.sorted { ($0.core, $0.osIndex) < ($1.core, $1.osIndex) } }
    let groups = Dictionary(grouping: processors, by: group)
    let order = groups.sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }
    return order.flatMap { fullestFirst($0.value, nesting.dropFirst()) }
  }
}
