import GradientOptimizers
import NeuronKernels

/// A copy of all that a trainer has learned at the end of an epoch, in memory of its own.
final class TrainerSnapshot {
  /// What is copied beside the memory.
  struct Counts: Sendable, Hashable {
    var epochCount: Int
    var stepCount: Int
    var plateau: Plateau.Watch
  }

  let copy: StateCopy
  /// The counts of the copy; nil before the first.
  var counts: Counts?

  /// Takes memory for copies of what `storage` holds.
  init(for storage: ParameterStorage) throws(NeuronKernelsError) { copy = try StateCopy(of: storage.regions) }

  /// Bytes that a snapshot of `storage` takes.
  static func byteCount(_ storage: ParameterStorage) -> Int { StateCopy.byteCount(of: storage.regions) }

  /// Copies the trainer as it stands; allocates nothing.
  func save(_ trainer: Trainer) {
    copy.take()
    counts = Counts(epochCount: trainer.epochCount, stepCount: trainer.stepCount, plateau: trainer.plateau)
  }

  /// Puts back what ``save(_:)`` copied, bit for bit.
  func restore(_ trainer: Trainer) {
    guard let counts else { return }
    copy.restore()
    trainer.epochCount = counts.epochCount
    trainer.stepCount = counts.stepCount
    trainer.plateau = counts.plateau
  }
}
