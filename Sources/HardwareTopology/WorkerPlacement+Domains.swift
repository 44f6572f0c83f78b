extension WorkerPlacement {
  /// The workers of each group of processors that share a memory node and a last-level cache.
  ///
  /// The groups stand in the order of their first workers, and the workers of a group in their own.
  package var domains: [[Int]] {
    var places: [Domain: Int] = [:]
    var domains: [[Int]] = []
    for assignment in workers {
      let domain = Domain(numaNode: assignment.numaNode, lastLevelCache: assignment.lastLevelCache)
      if let place = places[domain] {
        domains[place].append(assignment.worker)
      } else {
        places[domain] = domains.count
        domains.append([assignment.worker])
      }
    }
    return domains
  }

  /// What workers share that work on the same data without going through the machine's interconnect.
  private struct Domain: Hashable {
    let numaNode: Int
    let lastLevelCache: Int
  }
}
