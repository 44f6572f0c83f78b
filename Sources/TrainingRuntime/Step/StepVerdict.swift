import GradientOptimizers

/// What each worker decides after a step: on with the next, or the end.
///
/// All see the same numbers, so all decide alike.
struct StepVerdict {
  private let epoch: EpochRun
  private let skipLimit: Int
  private var skippedInARow: Int

  /// Goes on counting where the segment before stopped.
  init(epoch: EpochRun, skipLimit: Int) {
    self.epoch = epoch
    self.skipLimit = skipLimit
    skippedInARow = epoch.skippedInARow
  }

  /// Whether another step may follow.
  ///
  /// - Parameters:
  ///   - didUpdate: false where the loss or the gradient's norm is not a finite number.
  ///   - writes: whether this worker leaves the account in the epoch; one does.
  mutating func goesOn(step: Int, loss: Double, didUpdate: Bool, writes: Bool) -> Bool {
    skippedInARow = didUpdate ? 0 : skippedInARow + 1
    if writes {
      epoch.skippedInARow = skippedInARow
      if !didUpdate { epoch.gradientDiverged.store(loss.isFinite, ordering: .relaxed) }
    }
    guard skippedInARow > skipLimit else { return true }
    if writes { epoch.divergedStep = step }
    return false
  }
}

extension StepEngine {
  /// What is left to do for a worker's blocks in a step without an update.
  func passOver(_ owned: Range<Int>, step: OptimizerStep, averagingShare: Float) {
    guard transforms.stateSlotCount > 0 else { return }
    for index in owned {
      beginLookahead(blocks[index], step: step)
      average(blocks[index], share: averagingShare)
    }
  }
}
