/// A cut of a broadcast's workers into groups, each of which has a barrier of its own.
package struct WorkerGroups: Sendable, Hashable {
  /// Each worker's group.
  let groupOfWorker: [Int]
  /// How many workers each group has.
  let sizes: [Int]

  /// The groups by the number of each worker's.
  ///
  /// - Precondition: there is a worker, and the groups are numbered from 0 without gaps, so that none is empty.
  package init(groupOfWorker: [Int]) {
    precondition(!groupOfWorker.isEmpty, "WorkerGroups: expected at least one worker")
    var sizes = [Int](repeating: 0, count: groupOfWorker.count)
    for group in groupOfWorker {
      precondition(sizes.indices.contains(group), "WorkerGroups: expected a group below \(sizes.count), got \(group)")
      sizes[group] += 1
    }
    let used = sizes.prefix { $0 > 0 }
    precondition(
      used.reduce(0, +) == groupOfWorker.count, "WorkerGroups: expected no empty group, got \(groupOfWorker)")
    self.groupOfWorker = groupOfWorker
    self.sizes = Array(used)
  }

  /// How many workers take part.
  package var workerCount: Int { groupOfWorker.count }
}
