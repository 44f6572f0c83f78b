import Synchronization

/// Hands a step's parameter blocks to workers: each takes its own, front to back, and then what its neighbours have not begun.
///
/// A step waits for its slowest worker, and on a shared machine that is another one every moment. Whoever forms and updates a
/// block, it is one worker with one order of summation, so no bit depends on it; and a worker that is not held up keeps its
/// own blocks, and their parameters in its own caches.
///
/// Relaxed: the barrier before phase B publishes the cursors and what gradients are formed of, the one after it the parameters.
struct BlockClaims {
  /// Claims that a worker makes of its own blocks: few enough to cost nothing, enough to leave something to take over.
  private static let runCount = 32
  /// Neighbours that a worker without blocks looks at.
  private static let neighbourLimit = 3

  private let engine: StepEngine
  private let worker: Int
  private let workerCount: Int
  /// Whose blocks are taken now, counted from the worker itself.
  private var neighbour = 0

  init(engine: StepEngine, worker: Int, of workerCount: Int) {
    self.engine = engine
    self.worker = worker
    self.workerCount = workerCount
  }

  /// Offers the worker's own blocks; before the barrier that lets others take them.
  func begin() {
    cursor(of: worker).pointee.store(ownBlocks(of: worker).lowerBound, ordering: .relaxed)
  }

  /// Some blocks that nobody else has; nil when there are no more, or too few to be worth their way between caches.
  mutating func next() -> Range<Int>? {
    while neighbour < min(workerCount, 1 + Self.neighbourLimit) {
      let owner = (worker + neighbour) % workerCount, blocks = ownBlocks(of: owner), cursor = cursor(of: owner)
      let length = workerCount == 1 ? blocks.count : max(1, blocks.count / Self.runCount)
      // A look first, since a change would take the line away from its owner, who keeps the last run.
      let kept = owner == worker ? 0 : length
      if cursor.pointee.load(ordering: .relaxed) < blocks.upperBound - kept {
        let first = cursor.pointee.wrappingAdd(length, ordering: .relaxed).oldValue
        if first < blocks.upperBound { return first..<min(first + length, blocks.upperBound) }
      }
      neighbour += 1
    }
    return nil
  }

  private func ownBlocks(of worker: Int) -> Range<Int> { engine.ownedBlocks(worker: worker, of: workerCount) }

  private func cursor(of worker: Int) -> UnsafeMutablePointer<Atomic<Int>> { engine.memory.blockCursor(worker: worker) }
}
