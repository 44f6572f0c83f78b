import Glibc
import HardwareTopology
import Synchronization

/// A persistent team of threads, each pinned to a processor, that run one closure at a time together.
///
///     let team = try WorkerTeam(processors: [0, 1])
///     try team.broadcast { worker in
///       produce(part: worker.index, of: worker.workerCount)
///       try worker.barrier()
///       consumeWhatAllProduced(part: worker.index)
///     }
///
/// The calling thread is not one of the workers: it sleeps while they work, and wakes now and then to do what
/// `whileWaiting` says. Between broadcasts the workers sleep. Only the team's own threads are touched: the affinity,
/// floating-point mode and signal mask of the calling thread stay as they are. Workers flush denormal numbers to zero
/// and block all signals but those that a fault of their own raises, so a host's handlers run on the host's threads.
///
/// A child made by `fork` has no workers; using the parent's team there waits for ever. Make a new team instead.
///
/// How the threads meet, and why none is ever missed, is told in `PROTOCOL.md` beside this file.
public final class WorkerTeam: Sendable {
  /// How many workers the team has.
  public let workerCount: Int

  /// For each worker, where it really runs.
  public let pinning: [PinningOutcome]

  private let options: Options
  private let policy: SpinPolicy
  private let state: TeamState
  private let threads: [WorkerThread]
  private let lifecycle = Atomic<Lifecycle>(.idle)

  /// What the team is doing; changed by compare-and-exchange, so that two callers can't both have it.
  private enum Lifecycle: UInt8, AtomicRepresentable {
    case idle, busy, stopping, stopped
  }

  /// Creates the workers and waits until each has pinned itself and reported.
  ///
  /// - Parameters:
  ///   - processors: for each worker the OS number of its processor, or nil to leave it unpinned. A processor that
  ///     can't be had is reported in ``pinning`` and is not an error.
  ///   - options: spinning, timing and stack size.
  /// - Throws: `.noWorkers` or `.threadCreation`; no thread is left behind.
  public init(processors: [Int?], options: Options = Options()) throws(WorkerTeamError) {
    guard !processors.isEmpty else {
      throw .noWorkers()
    }
    let state = TeamState(workerCount: processors.count)
    let started = state.completion.load()
    state.expect(processors.count)
    threads = try WorkerThread.createAll(processors: processors, stackByteCount: options.stackByteCount, state: state)
    _ = state.completion.park(past: started, deadline: .max)

    let starts = (0..<processors.count).compactMap { state.starts[$0] }
    workerCount = processors.count
    pinning = starts.map(\.pinning)
    policy = SpinPolicy(
      affinities: starts.map(\.affinity), usableProcessors: options.usableProcessors,
      override: options.spin?.boundedNanoseconds)
    self.options = options
    self.state = state
  }

  deinit {
    shutDown()
  }

  /// Runs `body` once on each active worker and returns when all have finished.
  ///
  /// If a body throws, the others are sent away from their next barrier, all finish, and the error of the failed
  /// worker with the lowest index comes out. The team is as good as new afterwards.
  ///
  /// - Parameters:
  ///   - activeWorkers: how many workers take part, the first ones; nil means all. The barrier counts these.
  ///   - tick: how often to call `whileWaiting`, roughly.
  ///   - whileWaiting: called on the calling thread until the workers have finished; it draws progress or polls a
  ///     flag. It may not broadcast to this team.
  ///   - body: what each worker runs. To stop early, all workers must decide so alike, or one must throw.
  /// - Throws: what the body threw, or a ``WorkerTeamError`` that says why the team refused: another broadcast is
  ///   running, the call came from one of the team's own workers, the team has been shut down, `activeWorkers` is out
  ///   of range, or the bodies passed different numbers of barriers.
  /// - Concurrency: what the caller did before happens before every body, and every body before the return.
  public func broadcast(
    activeWorkers: Int? = nil, tick: Duration = .milliseconds(100), whileWaiting: () -> Void = {},
    _ body: @Sendable (WorkerContext) throws -> Void
  ) throws {
    try broadcast(activeWorkers ?? workerCount, groups: nil, tick: tick, whileWaiting: whileWaiting, body)
  }

  /// The same for workers in groups, which can meet by ``WorkerContext/meetGroup()``; the groups say how many take part.
  package func broadcast(
    groups: WorkerGroups, tick: Duration = .milliseconds(100), whileWaiting: () -> Void = {},
    _ body: @Sendable (WorkerContext) throws -> Void
  ) throws {
    try broadcast(groups.workerCount, groups: groups, tick: tick, whileWaiting: whileWaiting, body)
  }

  private func broadcast(
    _ active: Int, groups: WorkerGroups?, tick: Duration, whileWaiting: () -> Void,
    _ body: @Sendable (WorkerContext) throws -> Void
  ) throws {
    guard (1...workerCount).contains(active) else {
      throw WorkerTeamError.activeWorkersOutOfRange(active, workerCount: workerCount)
    }
    try claim()
    defer { handBack() }
    withoutActuallyEscaping(body) { body in
      run(job(body, activeWorkers: active, groups: groups), tick: tick, whileWaiting: whileWaiting)
    }
    try throwFirstError(activeWorkers: active)
  }

  /// Runs a body that the caller keeps, on all workers; unlike that of a passing closure, such a broadcast allocates nothing.
  package func broadcastKept(_ body: @escaping @Sendable (WorkerContext) throws -> Void) throws {
    try claim()
    defer { handBack() }
    run(job(body, activeWorkers: workerCount), tick: .seconds(1), whileWaiting: {})
    try throwFirstError(activeWorkers: workerCount)
  }

  /// Ends the workers and waits for them; a team that is gone already stays gone, without complaint.
  ///
  /// During a broadcast it returns at once, and the team ends when the broadcast has ended. Later broadcasts are
  /// refused. `deinit` does the same, so calling it is a matter of taste.
  public func shutDown() {
    // Acquire: pairs with the release in `handBack`, so that the last broadcast is over for this thread too.
    let (wasIdle, found) = lifecycle.compareExchange(expected: .idle, desired: .stopping, ordering: .acquiring)
    if wasIdle { return endThreads() }
    guard found == .busy else { return }
    // Relaxed: carries no data. Its partner is the exchange in `handBack`: either that one finds `.stopping` and ends
    // the threads, or it came first and the team is idle, so we try again.
    let isLeftToBroadcaster = lifecycle.compareExchange(
      expected: .busy, desired: .stopping, ordering: .relaxed
    ).exchanged
    if !isLeftToBroadcaster { shutDown() }
  }
}

// MARK: - The steps of a broadcast

extension WorkerTeam {
  private func job(
    _ body: @escaping @Sendable (WorkerContext) throws -> Void, activeWorkers: Int, groups: WorkerGroups? = nil
  ) -> Job {
    Job(
      body: body, activeWorkers: activeWorkers, spinNanoseconds: policy.spinNanoseconds(activeWorkers: activeWorkers),
      timesEveryBarrier: options.timesEveryBarrier, groups: groups)
  }

  /// Takes the team for one broadcast, or says why not.
  private func claim() throws(WorkerTeamError) {
    // Acquire: pairs with the release in `handBack` of the broadcast before, perhaps on another thread, so that this
    // one finds the job, the barrier and the errors as that one left them.
    let (isOurs, found) = lifecycle.compareExchange(expected: .idle, desired: .busy, ordering: .acquiring)
    if isOurs { return }
    if found != .busy { throw .shutDown() }
    throw threads.contains(where: \.isCallingThread) ? .calledFromWorker() : .busy()
  }

  /// Gives the team back, or ends it when that was asked for meanwhile.
  private func handBack() {
    // Release: pairs with the acquire in `claim` and `shutDown`. A failed exchange has found `.stopping`, and what
    // the thread that set it did doesn't concern this one, hence relaxed.
    let isIdle = lifecycle.compareExchange(
      expected: .busy, desired: .idle, successOrdering: .releasing, failureOrdering: .relaxed
    ).exchanged
    if !isIdle { endThreads() }
  }

  /// Hands the job to its workers, sleeps until all have finished, and takes the job back.
  private func run(_ job: Job, tick: Duration, whileWaiting: () -> Void) {
    let before = state.completion.load()
    state.barrier.reopen()
    for barrier in state.groupBarriers.prefix(job.groups?.sizes.count ?? 0) { barrier.reopen() }
    state.expect(job.activeWorkers)
    state.job.pointee = job
    for mailbox in state.mailboxes[..<job.activeWorkers] {
      // The release in here publishes the lines above to the worker's acquire of its mailbox.
      mailbox.advance(from: mailbox.load())
    }
    let interval = max(tick.boundedNanoseconds, Self.shortestTickNanoseconds)
    while state.completion.park(past: before, deadline: MonotonicTime.nanoseconds() &+ interval) == nil {
      whileWaiting()
    }
    state.job.pointee = nil
  }

  /// Below this, the calling thread would take a processor from the workers.
  private static var shortestTickNanoseconds: UInt64 { 1_000_000 }

  /// Throws the error that this broadcast is to be remembered by, and forgets all of them.
  private func throwFirstError(activeWorkers: Int) throws {
    var first: (any Error)?, waiting: Int?
    for index in 0..<activeWorkers {
      guard let error = state.errors[index] else { continue }
      state.errors[index] = nil
      if error is TeamAbandoned { waiting = waiting ?? index } else { first = first ?? error }
    }
    if let first { throw first }
    if let waiting { throw WorkerTeamError.barrierMismatch(waiting: waiting) }
  }

  /// Ends the threads, waits for them, and leaves the team in its last state.
  private func endThreads() {
    WorkerThread.endAll(threads, state: state)
    // Relaxed: nothing can be done with a stopped team, so there is nothing to publish.
    lifecycle.store(.stopped, ordering: .relaxed)
  }
}
