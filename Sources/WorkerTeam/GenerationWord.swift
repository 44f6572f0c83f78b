import CPlatform
import Synchronization

/// A 32-bit word that counts generations and that threads can wait on: first spinning, then asleep in the kernel.
///
///     31                             2   1        0
///     [ generation                   | closed | parked ]
///
/// Everything that a waiter and a waker must agree on is in this one word, and it is changed by read-modify-write
/// operations only. So no two of them can miss each other, and no ordering between *different* words is needed:
/// the waiter's "I sleep" (`parked`) and the waker's "go on" (a new generation) are totally ordered, as two changes of
/// one word. `PROTOCOL.md` has the argument, `Model/` has it checked.
struct GenerationWord {
  /// What the word held at one moment.
  struct Snapshot {
    static let parkedBit: UInt32 = 1
    static let closedBit: UInt32 = 2
    static let generationStep: UInt32 = 4

    /// The word as it is after initialisation: generation 0, open, nobody parked.
    static let initial = Snapshot(rawValue: 0)

    let rawValue: UInt32

    var isClosed: Bool { rawValue & Self.closedBit != 0 }
    var isParked: Bool { rawValue & Self.parkedBit != 0 }
    var generation: UInt32 { rawValue & ~(Self.parkedBit | Self.closedBit) }

    /// Whether the generation has moved on from `earlier`, in which case a closed word doesn't matter any more.
    func hasAdvanced(past earlier: Snapshot) -> Bool { generation != earlier.generation }

    /// Whether someone who waits for the generation to leave `earlier` must go on waiting.
    func keepsWaiting(past earlier: Snapshot) -> Bool { !isClosed && !hasAdvanced(past: earlier) }
  }

  private let word: UnsafeMutablePointer<Atomic<UInt32>>

  /// Takes `word`, which must have a cache line to itself and outlive every thread that waits on it.
  init(_ word: UnsafeMutablePointer<Atomic<UInt32>>) {
    self.word = word
  }

  /// Reads the word.
  func load() -> Snapshot {
    // Acquire: pairs with the release in `advance` and in `close`, so whoever sees the new generation (or the closed
    // word) also sees all that its writer did before. A relaxed `parked` in between does no harm: a
    // read-modify-write continues the release sequence of the write that it follows.
    Snapshot(rawValue: word.pointee.load(ordering: .acquiring))
  }

  /// Starts the next generation and wakes all who sleep; only one thread at a time may do so, on an open word.
  ///
  /// `current` is the generation that this thread knows to be the present one.
  func advance(from current: Snapshot) {
    let next = current.generation &+ Snapshot.generationStep
    // Release: publishes everything before it to the acquire in `load`. One exchange both stores the new generation
    // and learns whether anyone had parked; a load followed by a store would lose the one who parks in between.
    let previous = Snapshot(rawValue: word.pointee.exchange(next, ordering: .releasing))
    assert(!previous.isClosed, "a closed word was advanced")
    if previous.isParked { wakeAllCold() }
  }

  /// Ends all waiting on this generation, now and later, until `reopen`; any thread may close, any number of times.
  func close() {
    // Release: publishes what the leaving thread did to the acquire in `load` of those that it sends away.
    let previous = Snapshot(rawValue: word.pointee.bitwiseOr(Snapshot.closedBit, ordering: .releasing).oldValue)
    // Nobody parks on a closed word, so the first one to close it wakes everybody there will ever be.
    if previous.isParked && !previous.isClosed { wakeAllCold() }
  }

  /// Opens the word for the next use, in a new generation; no other thread may touch it meanwhile.
  func reopen() {
    // Relaxed: exclusive now. The release in the `advance` of each mailbox publishes it to the next users.
    let current = Snapshot(rawValue: word.pointee.load(ordering: .relaxed))
    word.pointee.store(current.generation &+ Snapshot.generationStep, ordering: .relaxed)
  }

  /// Spins `rounds` times at most; returns the first snapshot that ends the wait, or nil.
  func spin(past earlier: Snapshot, rounds: Int) -> Snapshot? {
    for _ in 0..<rounds {
      let now = load()
      if !now.keepsWaiting(past: earlier) { return now }
      platform_cpu_relax()
    }
    return nil
  }

  /// Spins until the clock passes `spinDeadline` (nanoseconds), then sleeps, until the wait has an end.
  @inline(never)
  func waitCold(past earlier: Snapshot, spinDeadline: UInt64) -> Snapshot {
    repeat {
      // The clock costs about as much as a pause; looking at it every 16th round keeps the eye on the word.
      if let now = spin(past: earlier, rounds: 16) { return now }
    } while MonotonicTime.nanoseconds() < spinDeadline
    while true {
      if let now = park(past: earlier, deadline: .max) { return now }
    }
  }

  /// Sleeps until the wait has an end; returns nil when the clock passes `deadline` (nanoseconds) first.
  func park(past earlier: Snapshot, deadline: UInt64) -> Snapshot? {
    var now = load()
    while now.keepsWaiting(past: earlier) {
      let time = deadline == .max ? 0 : MonotonicTime.nanoseconds()
      if time >= deadline { return nil }
      if !markParked(now) {
        now = load()
        continue
      }
      let timeout = deadline == .max ? 0 : deadline - time
      // The kernel compares again, under the lock that a waker must take: had the word changed since `markParked`,
      // this returns at once. Interruptions and early wakes are harmless, as the loop reads the word anew.
      _ = platform_futex_wait(word, now.rawValue | Snapshot.parkedBit, timeout)
      now = load()
    }
    return now
  }

  /// Sets the parked flag of a word that still holds `seen`; false when it holds something else by now.
  private func markParked(_ seen: Snapshot) -> Bool {
    if seen.isParked { return true }
    // Relaxed: carries no data. Its partner is the exchange in `advance` (or the or in `close`), and what counts is
    // only which of the two comes first in the word's own order: later ones see the flag, earlier ones fail this.
    return word.pointee.compareExchange(
      expected: seen.rawValue, desired: seen.rawValue | Snapshot.parkedBit, ordering: .relaxed
    ).exchanged
  }

  @inline(never)
  private func wakeAllCold() {
    _ = platform_futex_wake(word, .max)
  }
}
