import NeuronKernels
import Synchronization

/// What workers share that train without waiting for one another, besides the parameters.
///
/// - Concurrency: between ``begin(_:steps:)`` and ``finish(_:)`` workers change the atomics, their own lane and their own
///   tally; everything else, and the rest of the time, is the calling thread's.
final class HogwildState: @unchecked Sendable {
  /// A whole minibatch for each worker.
  let memory: LaneMemory
  /// The next step that nobody has taken.
  ///
  /// Relaxed: each step goes to whoever comes first, and what a step needs was published with the broadcast.
  private let nextStep = Atomic<Int>(0)
  /// The worker and step whose loss was not a number, in one word; the first one stays.
  ///
  /// Relaxed: it ends the others "soon", and the broadcast's end publishes what the worker left.
  private let divergence = Atomic<UInt64>(HogwildState.noDivergence)
  private let correctCount = Atomic<Int>(0)
  private var lastStep = 0
  private let tallyStorage: AlignedStorage
  private let workerCount: Int

  private static let noDivergence = UInt64.max

  init(memory: LaneMemory) throws(NeuronKernelsError) {
    self.memory = memory
    workerCount = memory.layout.laneCount
    tallyStorage = try AlignedStorage(byteCount: workerCount * StalenessTally.byteCount)
  }

  /// A worker's tally of the call of `fit`.
  func tally(worker: Int) -> StalenessTally {
    StalenessTally(
      words: (tallyStorage.baseAddress + worker * StalenessTally.byteCount).assumingMemoryBound(to: Int.self))
  }

  /// All updates since ``resetTallies()``.
  var staleness: StalenessHistogram { StalenessHistogram((0..<workerCount).map(tally(worker:))) }

  func resetTallies() {
    for worker in 0..<workerCount { tally(worker: worker).reset() }
  }

  /// Lays out steps to take; the calling thread's, before it wakes the workers.
  func begin(_ steps: Range<Int>) {
    nextStep.store(steps.lowerBound, ordering: .relaxed)
    lastStep = steps.upperBound
    divergence.store(Self.noDivergence, ordering: .relaxed)
    correctCount.store(0, ordering: .relaxed)
  }

  /// Takes the next step for the calling worker; nil when there is none, or none should follow.
  func claimStep(of epoch: EpochRun) -> Int? {
    if epoch.stopRequested.load(ordering: .relaxed) { return nil }
    if divergence.load(ordering: .relaxed) != Self.noDivergence { return nil }
    let step = nextStep.wrappingAdd(1, ordering: .relaxed).oldValue
    return step < lastStep ? step : nil
  }

  /// Notes that a worker's loss in a step was not a number, if it is the first.
  func diverge(worker: Int, step: Int) {
    _ = divergence.compareExchange(
      expected: Self.noDivergence, desired: UInt64(worker) << 48 | UInt64(step), ordering: .relaxed)
  }

  /// Adds a minibatch's loss and hits to the epoch's; returns how many steps were complete before.
  func book(_ loss: Double, correctCount: Int, in epoch: EpochRun) -> Int {
    self.correctCount.wrappingAdd(correctCount, ordering: .relaxed)
    epoch.addLoss(loss)
    return epoch.stepsDone.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  /// Puts the epoch's totals where readers look for them; the calling thread's, after the workers have finished.
  func finish(_ epoch: EpochRun) {
    epoch.lossSum = Double(bitPattern: epoch.lossBits.load(ordering: .relaxed))
    epoch.correctCount += correctCount.load(ordering: .relaxed)
    epoch.endsAfterThisStep = epoch.stopRequested.load(ordering: .relaxed)
    epoch.divergedStep = diverged?.step
  }

  /// The worker and step whose loss was not a number.
  var diverged: (worker: Int, step: Int)? {
    let word = divergence.load(ordering: .relaxed)
    return word == Self.noDivergence ? nil : (Int(word >> 48), Int(word & (1 << 48 - 1)))
  }
}
