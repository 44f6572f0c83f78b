/// Plain, non-atomic memory in which each worker writes down the round it is in, for all others to read.
///
/// Only a barrier that works makes it free of data races, so ThreadSanitizer watches it too.
struct RoundLedger: @unchecked Sendable {
  /// 128 bytes apart, as in the team itself.
  private static let stride = 16

  private let slots: UnsafeMutablePointer<Int>
  let workerCount: Int

  init(workerCount: Int) {
    self.workerCount = workerCount
    slots = .allocate(capacity: workerCount * Self.stride)
    slots.initialize(repeating: 0, count: workerCount * Self.stride)
  }

  func deallocate() { slots.deallocate() }

  func write(_ round: Int, worker: Int) { slots[worker * Self.stride] = round }

  func read(worker: Int) -> Int { slots[worker * Self.stride] }

  /// How many workers have not written exactly `round`.
  func countStrangers(to round: Int) -> Int {
    (0..<workerCount).count { read(worker: $0) != round }
  }
}

/// Work that takes a different time on each worker in each round, without a clock.
@inline(never)
func skewedWork(worker: Int, round: Int, most: Int) {
  var state = UInt64(truncatingIfNeeded: worker &* 0x9E37 &+ round &* 0x85EB) | 1
  for _ in 0..<((worker &* 7 &+ round &* 13) % (most + 1)) { state = state &* 6_364_136_223_846_793_005 &+ 1 }
  precondition(state != 0)
}
