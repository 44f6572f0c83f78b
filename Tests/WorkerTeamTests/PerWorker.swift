/// Plain, non-atomic memory with a slot for each worker, which that worker writes and others read.
///
/// Only a barrier and a broadcast that work make it free of data races, so ThreadSanitizer checks them through it.
/// (A mutex would not do: ThreadSanitizer can't see into `Synchronization.Mutex`, and reports races that aren't.)
final class PerWorker<Value>: @unchecked Sendable {
  private let slots: UnsafeMutablePointer<Value>
  let workerCount: Int

  init(workerCount: Int, _ value: Value) {
    self.workerCount = workerCount
    slots = .allocate(capacity: workerCount)
    slots.initialize(repeating: value, count: workerCount)
  }

  deinit {
    slots.deinitialize(count: workerCount)
    slots.deallocate()
  }

  subscript(worker: Int) -> Value {
    get { slots[worker] }
    set { slots[worker] = newValue }
  }

  var all: [Value] { (0..<workerCount).map { self[$0] } }
}

extension PerWorker where Value == Int {
  /// How many slots do not hold exactly `value`.
  func countStrangers(to value: Int) -> Int {
    (0..<workerCount).count { self[$0] != value }
  }
}

/// Work that takes a different time on each worker in each round, without a clock.
@inline(never)
func skewedWork(worker: Int, round: Int, most: Int) {
  var state = UInt64(truncatingIfNeeded: worker &* 0x9E37 &+ round &* 0x85EB) | 1
  for _ in 0..<((worker &* 7 &+ round &* 13) % (most + 1)) { state = state &* 6_364_136_223_846_793_005 &+ 1 }
  precondition(state != 0)
}
