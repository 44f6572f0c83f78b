/// Which worker runs on which processor.
///
/// Workers with neighbouring numbers share caches wherever the machine lets them, so consumers may treat a run of
/// worker numbers as a team. The first k workers of any placement stand where they would stand in a placement of k.
public struct WorkerPlacement: Sendable, Hashable {
  /// A worker and its place.
  public struct Assignment: Sendable, Hashable {
    /// The worker's number, from 0.
    public let worker: Int
    /// The operating system's index of the processor.
    public let processor: Int
    /// The core, numbered as in ``Machine/Processor/core``.
    public let core: Int
    /// The operating system's index of the nearest memory node.
    public let numaNode: Int
    /// The group that shares a last-level cache, numbered as in ``Machine/Processor/lastLevelCache``.
    public let lastLevelCache: Int
    /// The rank of the core's kind, as in ``Machine/Processor/efficiencyRank``.
    public let efficiencyRank: Int
  }

  /// The largest number of workers that a placement holds.
  public static let maximumWorkerCount = 65_536

  /// One assignment a worker, in order; at least one.
  public let workers: [Assignment]
  /// Whether some processor has more than one worker, so that workers wait for one another's time slices.
  public let isOversubscribed: Bool
  /// What a reader should know about this placement, as sentences.
  public let reasons: [String]

  /// Places workers on the processors of a budget.
  ///
  /// The order in which processors are taken: a thread of every core before a second thread of any; fast kinds of
  /// cores before slow ones; then compactly, one package, memory node and last-level cache after the other, the one
  /// with most usable cores first. More workers than processors begin again at the first.
  /// - Parameters:
  ///   - machine: the machine to run on.
  ///   - budget: its usable processors; its limit is not enforced, but passing it is said in ``reasons``.
  ///   - workerCount: the number of workers; taken as the nearest of 1…``maximumWorkerCount``.
  /// - Returns: The same placement for the same arguments, on every host.
  /// - Complexity: O(p log p + w) for p processors and w workers.
  public static func plan(machine: Machine, budget: ProcessorBudget, workerCount: Int) -> WorkerPlacement {
    let usable = UsableProcessors(of: machine, allowed: budget.allowed)
    let order = PlacementOrder.processors(usable.processors)
    let workerCount = min(max(workerCount, 1), maximumWorkerCount)
    let workers = (0..<workerCount).map { Assignment(worker: $0, on: order[$0 % order.count]) }
    return WorkerPlacement(
      workers: workers, isOversubscribed: workerCount > order.count,
      reasons: reasons(workers: workers, usable: usable, budget: budget))
  }

  private static func reasons(workers: [Assignment], usable: UsableProcessors, budget: ProcessorBudget) -> [String] {
    var reasons: [String] = []
    if workers.count > budget.limit {
      reasons.append("\(counted(workers.count, "worker")) are more than the budget of \(budget.limit).")
    }
    if workers.count > usable.count {
      reasons.append("\(counted(workers.count, "worker")) share \(counted(usable.count, "processor")) by turns.")
    } else if workers.count > Set(workers.map(\.core)).count {
      reasons.append("Some workers share a core with another (SMT).")
    }
    let slow = workers.filter { $0.efficiencyRank < usable.fastestRank }
    if !slow.isEmpty {
      let verb = slow.count == 1 ? "runs" : "run"
      reasons.append("\(counted(slow.count, "worker")) \(verb) on slower cores, and every step waits for the slowest.")
    }
    return reasons
  }
}

extension WorkerPlacement: CustomStringConvertible {
  /// One line for each run of workers that share a node and a cache, as in `workers 0-3: node 0, cache 0: 0,2,4,6`.
  public var description: String {
    var runs: [ArraySlice<Assignment>] = []
    for worker in workers {
      if let last = runs.last?.last, (last.numaNode, last.lastLevelCache) == (worker.numaNode, worker.lastLevelCache) {
        runs[runs.count - 1] = workers[runs[runs.count - 1].startIndex...worker.worker]
      } else {
        runs.append(workers[worker.worker...worker.worker])
      }
    }
    return runs.map(Self.line).joined(separator: "\n")
  }

  private static func line(_ run: ArraySlice<Assignment>) -> String {
    let first = run[run.startIndex]
    let numbers = "worker\(run.count == 1 ? "" : "s") \(ProcessorSet.list(run.map(\.worker)))"
    let place = "node \(first.numaNode), cache \(first.lastLevelCache)"
    return "\(numbers): \(place): \(ProcessorSet.list(run.map(\.processor)))"
  }
}

extension WorkerPlacement.Assignment {
  fileprivate init(worker: Int, on processor: Machine.Processor) {
    self.init(
      worker: worker, processor: processor.osIndex, core: processor.core, numaNode: processor.numaNode,
      lastLevelCache: processor.lastLevelCache, efficiencyRank: processor.efficiencyRank)
  }
}
