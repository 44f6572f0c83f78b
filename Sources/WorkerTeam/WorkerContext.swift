/// What a worker knows while it runs a broadcast body: who it is, how many there are, and where they meet.
///
/// It is valid during the call of the body that received it, on the thread that runs it, and not later or elsewhere.
public struct WorkerContext {
  /// This worker's number, from 0 to `workerCount - 1`.
  public let index: Int

  /// How many workers take part in this broadcast.
  public let workerCount: Int

  private let phaseBarrier: PhaseBarrier
  private let spinNanoseconds: UInt64
  private let timesEveryBarrier: Bool
  /// Nanoseconds in barriers; on a line of this worker's own, touched by its thread only.
  private let waited: UnsafeMutablePointer<UInt64>

  init(index: Int, job: Job, barrier: PhaseBarrier, waited: UnsafeMutablePointer<UInt64>) {
    self.index = index
    self.workerCount = job.activeWorkers
    self.phaseBarrier = barrier
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
    guard workerCount > 1 else { return }
    let start = timesEveryBarrier ? MonotonicTime.nanoseconds() : 0
    let slowWait = try phaseBarrier.arriveAndWait(
      participants: UInt32(truncatingIfNeeded: workerCount), spinNanoseconds: spinNanoseconds)
    waited.pointee &+= timesEveryBarrier ? MonotonicTime.nanoseconds() &- start : slowWait
  }

  /// Nanoseconds that this worker has waited in barriers since the broadcast began.
  ///
  /// Waits that are over within some tenths of a microsecond are left out, unless the team was made with
  /// ``WorkerTeam/Options/timesEveryBarrier``.
  public var barrierWaitNanoseconds: UInt64 { waited.pointee }
}
