/// What a worker knows while it runs a broadcast body: who it is, how many there are, and where they meet.
///
/// It is valid during the call of the body that received it, on the thread that runs it, and not later or elsewhere.
public struct WorkerContext {
  /// This worker's number, from 0 to `workerCount - 1`.
  public let index: Int

  /// How many workers take part in this broadcast.
  public let workerCount: Int

  private let phaseBarrier: PhaseBarrier
  private let groupBarrier: PhaseBarrier
  private let groupSize: Int
  private let spinNanoseconds: UInt64
  private let timesEveryBarrier: Bool
  /// Nanoseconds in barriers; on a line of this worker's own, touched by its thread only.
  private let waited: UnsafeMutablePointer<UInt64>

  /// - Parameter group: the group's barrier and its number of workers; nil makes the worker a group of its own.
  init(
    index: Int, job: Job, barrier: PhaseBarrier, group: (barrier: PhaseBarrier, size: Int)?,
    waited: UnsafeMutablePointer<UInt64>
  ) {
    self.index = index
    self.workerCount = job.activeWorkers
    self.phaseBarrier = barrier
    self.groupBarrier = group?.barrier ?? barrier
    self.groupSize = group?.size ?? 1
    self.spinNanoseconds = job.spinNanoseconds
    self.timesEveryBarrier = job.timesEveryBarrier
    self.waited = waited
  }

  /// Waits until every worker of this broadcast has arrived.
  ///
  /// All workers must pass the same number of barriers. One that fails or finishes instead of arriving sends the
  /// others away with an error.
  ///
  /// - Throws: ``TeamAbandoned`` when another worker has left the broadcast; let it pass through the body.
  /// - Complexity: some 100 ns when all arrive together on cores of their own; allocates nothing.
  /// - Concurrency: whatever any worker did before the barrier happens before whatever any worker does after it, so
  ///   plain memory that one worker wrote may be read by all.
  public func barrier() throws(TeamAbandoned) {
    try meet(at: phaseBarrier, participants: workerCount)
  }

  /// Waits until every worker of this worker's group has arrived; in a broadcast without groups it waits for nobody.
  ///
  /// All workers of a group must pass this barrier and ``barrier()`` in the same order: if one waited here and another
  /// there, neither would be sent away.
  ///
  /// - Throws: ``TeamAbandoned`` when a worker of the group has left the broadcast; let it pass through the body.
  /// - Concurrency: as ``barrier()``, among the workers of the group.
  package func meetGroup() throws(TeamAbandoned) {
    try meet(at: groupBarrier, participants: groupSize)
  }

  private func meet(at barrier: PhaseBarrier, participants: Int) throws(TeamAbandoned) {
    guard participants > 1 else { return }
    let start = timesEveryBarrier ? MonotonicTime.nanoseconds() : 0
    let slowWait = try barrier.arriveAndWait(
      participants: UInt32(truncatingIfNeeded: participants), spinNanoseconds: spinNanoseconds)
    waited.pointee &+= timesEveryBarrier ? MonotonicTime.nanoseconds() &- start : slowWait
  }

  /// Nanoseconds that this worker has waited in barriers since the broadcast began.
  ///
  /// Waits that are over within some tenths of a microsecond are left out, unless the team was made with
  /// ``WorkerTeam/Options/timesEveryBarrier``.
  public var barrierWaitNanoseconds: UInt64 { waited.pointee }
}
