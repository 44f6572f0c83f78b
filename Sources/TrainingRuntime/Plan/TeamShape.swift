import HardwareTopology

/// What the cost of a step needs to know of where workers run: how they share caches and memory nodes.
package struct TeamShape: Sendable, Hashable {
  /// Bytes of a core's own second-level cache.
  package let secondLevelBytes: Int
  /// Bytes of a last-level cache; 0 where none is known.
  package let lastLevelBytes: Int
  /// Processors that workers have to themselves; workers beyond share them.
  package let processorLimit: Int
  /// Of the first n workers: how many last-level caches and memory nodes they use, and how far they are from worker 0.
  private let cacheCounts: [Int], nodeCounts: [Int]
  private let distances: [Double]

  /// What reaching a core behind another last-level cache, or on another memory node, takes of one behind the same.
  ///
  /// Typical of two-socket servers, where neighbours answer in 20 to 30 ns, other caches of the socket in about 100 and
  /// the other socket in about 200. Assumed, not measured: most machines that Fascicle was built on have one cache.
  static let otherCacheDistance = 4.0, otherNodeDistance = 8.0

  /// The shape of `budget.limit` workers.
  package init(machine: Machine, budget: ProcessorBudget) {
    self.init(
      machine: machine, placement: WorkerPlacement.plan(machine: machine, budget: budget, workerCount: budget.limit))
  }

  init(machine: Machine, placement: WorkerPlacement) {
    func bytes(_ level: Int) -> Int { machine.caches.first { $0.level == level }?.byteCount ?? 0 }
    let second = bytes(2)
    secondLevelBytes = second > 0 ? second : 1 << 20
    lastLevelBytes = bytes(3)
    processorLimit = placement.workers.count
    var caches: Set<Int> = [], nodes: Set<Int> = []
    var cacheCounts: [Int] = [], nodeCounts: [Int] = [], distances: [Double] = []
    let home = placement.workers[0]
    for worker in placement.workers {
      caches.insert(worker.lastLevelCache)
      nodes.insert(worker.numaNode)
      cacheCounts.append(caches.count)
      nodeCounts.append(nodes.count)
      let isNear = worker.lastLevelCache == home.lastLevelCache
      distances.append(
        isNear ? 1 : worker.numaNode == home.numaNode ? Self.otherCacheDistance : Self.otherNodeDistance)
    }
    (self.cacheCounts, self.nodeCounts, self.distances) = (cacheCounts, nodeCounts, distances)
  }

  /// Last-level caches that the first `workers` workers use.
  package func cacheCount(_ workers: Int) -> Int { cacheCounts[min(workers, processorLimit) - 1] }

  /// Memory nodes that the first `workers` workers use.
  package func nodeCount(_ workers: Int) -> Int { nodeCounts[min(workers, processorLimit) - 1] }

  /// Bytes of parameters and state that caches keep from one step to the next, activations beside them.
  package func cachedBytes(workers: Int) -> Int {
    max(lastLevelBytes * cacheCount(workers), secondLevelBytes * workers) / 4 * 3
  }

  /// The mean distance of the first `workers` workers from the first, 1 where all share a cache.
  package func meanDistance(_ workers: Int) -> Double {
    let count = min(workers, processorLimit)
    return distances[..<count].reduce(0, +) / Double(count)
  }
}
