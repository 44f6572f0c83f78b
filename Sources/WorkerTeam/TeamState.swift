import Synchronization

/// What the caller hands to the workers with a broadcast.
struct Job {
  let body: @Sendable (WorkerContext) throws -> Void
  let activeWorkers: Int
  let spinNanoseconds: UInt64
  let timesEveryBarrier: Bool
  /// Who meets apart from the others; nil where nobody does.
  let groups: WorkerGroups?
}

/// The memory that the calling thread and the workers share.
///
/// The team and every worker thread hold a reference, so it outlives the last of them. Plain memory in it has one
/// owner at a time: `job` is the caller's until the mailboxes advance, then everyone's to read until `completion`
/// advances; slot i of the others is worker i's from the advance of its mailbox until `completion` advances, and the
/// caller's otherwise.
final class TeamState: @unchecked Sendable {
  let workerCount: Int
  /// Where the active workers meet.
  let barrier: PhaseBarrier
  /// Where the workers of a group meet, by group; as many as there can be groups.
  let groupBarriers: [PhaseBarrier]
  /// One for each worker: a new generation means "run the job", closed means "end".
  let mailboxes: [GenerationWord]
  /// A new generation means that the last worker of a broadcast has finished.
  let completion: GenerationWord
  let job: UnsafeMutablePointer<Job?>
  /// What each worker's body threw.
  let errors: UnsafeMutablePointer<(any Error)?>
  /// What each worker found out about itself when it started.
  let starts: UnsafeMutablePointer<WorkerStart?>

  private let lines: CacheLines
  private let remaining: UnsafeMutablePointer<Atomic<UInt32>>
  private let waited: [UnsafeMutablePointer<UInt64>]

  init(workerCount: Int) {
    let lines = CacheLines.allocate(count: 4 + 4 * workerCount)
    self.workerCount = workerCount
    self.lines = lines
    barrier = PhaseBarrier(arrived: lines.makeAtomicWord(line: 0), generation: lines.makeAtomicWord(line: 1))
    completion = GenerationWord(lines.makeAtomicWord(line: 2))
    remaining = lines.makeAtomicWord(line: 3)
    mailboxes = (0..<workerCount).map { GenerationWord(lines.makeAtomicWord(line: 4 + 2 * $0)) }
    waited = (0..<workerCount).map { lines.makeCounter(line: 5 + 2 * $0) }
    groupBarriers = (0..<workerCount).map { group in
      let line = 4 + 2 * workerCount + 2 * group
      return PhaseBarrier(arrived: lines.makeAtomicWord(line: line), generation: lines.makeAtomicWord(line: line + 1))
    }
    job = .allocate(capacity: 1)
    job.initialize(to: nil)
    errors = .allocate(capacity: workerCount)
    errors.initialize(repeating: nil, count: workerCount)
    starts = .allocate(capacity: workerCount)
    starts.initialize(repeating: nil, count: workerCount)
  }

  deinit {
    job.deinitialize(count: 1).deallocate()
    errors.deinitialize(count: workerCount).deallocate()
    starts.deinitialize(count: workerCount).deallocate()
    lines.deallocate()
  }

  /// Announces that `count` workers will call ``finishOne()``; the caller's, before it wakes them.
  func expect(_ count: Int) {
    // Relaxed: no worker counts down before it has acquired the advance of its mailbox (or was created), which
    // publishes this store.
    remaining.pointee.store(UInt32(truncatingIfNeeded: count), ordering: .relaxed)
  }

  /// Counts the calling worker as finished; the last one tells the caller.
  func finishOne() {
    // Acquire and release: each worker publishes its writes; the last takes them all in and passes them on with the
    // release in `advance`, whose partner is the caller's acquire of `completion`.
    let left = remaining.pointee.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
    if left == 0 { completion.advance(from: completion.load()) }
  }

  /// Runs the job as worker `index`, keeps what it throws, and leaves the barrier either way.
  ///
  /// Not inlined: when it returns, every reference to the body that it took has been given back. The caller, whose
  /// stack may hold what the body captured, relies on that.
  @inline(never)
  func runJob(as index: Int) {
    guard let job = job.pointee else { return }
    waited[index].pointee = 0
    let group = job.groups.map { ($0.groupOfWorker[index], $0.sizes[$0.groupOfWorker[index]]) }
    let context = WorkerContext(
      index: index, job: job, barrier: barrier, group: group.map { (groupBarriers[$0.0], $0.1) }, waited: waited[index])
    do {
      try job.body(context)
    } catch {
      errors[index] = error
    }
    if let group { groupBarriers[group.0].leave() }
    barrier.leave()
  }
}
