import Synchronization

/// A reusable barrier for a fixed number of participants: a counter of arrivals and a generation to wait on.
///
/// A round either succeeds for all participants or for none: it succeeds when all have arrived, and it is called off
/// when one of them leaves for good (``leave()``) without having arrived.
///
/// Several may serve the same workers: then whoever leaves for good leaves each of those where it is expected.
///
/// - Complexity: two read-modify-writes on shared lines for the last to arrive, one for each other; allocates nothing.
struct PhaseBarrier {
  /// Rounds of spinning before the clock is read for the first time (well below a microsecond).
  private static let roundsBeforeClock = 32

  private let arrived: UnsafeMutablePointer<Atomic<UInt32>>
  private let generation: GenerationWord

  /// Takes two words, each with a cache line to itself: arrivals would otherwise disturb those who spin.
  init(arrived: UnsafeMutablePointer<Atomic<UInt32>>, generation: UnsafeMutablePointer<Atomic<UInt32>>) {
    self.arrived = arrived
    self.generation = GenerationWord(generation)
  }

  /// Waits until `participants` threads have arrived; what each did before, all can read afterwards.
  ///
  /// - Parameter spinNanoseconds: how long to spin before sleeping.
  /// - Returns: nanoseconds waited, zero when the wait was over before the clock was worth reading.
  /// - Throws: ``TeamAbandoned`` when a participant has left, so that this round can't be completed.
  func arriveAndWait(participants: UInt32, spinNanoseconds: UInt64) throws(TeamAbandoned) -> UInt64 {
    // Read before arriving: once this thread has arrived, the generation may end at any moment. It can't end before.
    let current = generation.load()
    if current.isClosed { throw TeamAbandoned() }

    // Acquire and release: the release publishes this worker's phase; the acquire of the last to arrive takes in the
    // phases of all others, as every arrival continues the release sequence of those before it.
    let position = arrived.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
    if position == participants {
      // Relaxed, and before `advance`: whoever arrives for the next round has acquired that advance, hence this zero.
      arrived.pointee.store(0, ordering: .relaxed)
      generation.advance(from: current)
      return 0
    }
    if let now = generation.spin(past: current, rounds: Self.roundsBeforeClock) {
      return try Self.verdict(of: now, past: current, waited: 0)
    }
    let start = MonotonicTime.nanoseconds()
    let now = generation.waitCold(past: current, spinDeadline: start &+ spinNanoseconds)
    return try Self.verdict(of: now, past: current, waited: MonotonicTime.nanoseconds() &- start)
  }

  /// Calls off the current round and all later ones until ``reopen()``; every participant leaves, whether it
  /// succeeded or failed, since without it no round can be completed any more.
  func leave() {
    generation.close()
  }

  /// Makes a barrier that all have left fit for use again; no participant may be near it.
  func reopen() {
    // Relaxed: exclusive now. The release in the `advance` of each mailbox publishes it to the next participants.
    arrived.pointee.store(0, ordering: .relaxed)
    generation.reopen()
  }

  /// A generation that has moved on is a completed round, even when someone has left since.
  private static func verdict(
    of now: GenerationWord.Snapshot, past earlier: GenerationWord.Snapshot, waited: UInt64
  ) throws(TeamAbandoned) -> UInt64 {
    if now.hasAdvanced(past: earlier) { return waited }
    throw TeamAbandoned()
  }
}
