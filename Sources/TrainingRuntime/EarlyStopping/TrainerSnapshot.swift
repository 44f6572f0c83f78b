import GradientOptimizers
import NeuronKernels

/// A copy of all that a trainer has learned at the end of an epoch, in memory of its own.
final class TrainerSnapshot {
  private let bytes: AlignedStorage
  private let vectorCount: Int
  private let stateCount: Int
  private var epochCount = 0
  private var stepCount = 0
  private var plateau = Plateau.Watch()

  /// Takes memory for copies of what `storage` holds.
  init(for storage: ParameterStorage) throws(NeuronKernelsError) {
    vectorCount = storage.vectorCount
    stateCount = storage.optimizerState == nil ? 0 : storage.vectorCount * storage.stateSlotCount
    bytes = try AlignedStorage(byteCount: Self.byteCount(storage))
  }

  /// Bytes that a snapshot of `storage` takes.
  static func byteCount(_ storage: ParameterStorage) -> Int {
    storage.vectorCount * (1 + storage.stateSlotCount) * MemoryLayout<Float>.stride
  }

  /// Copies the trainer as it stands; allocates nothing.
  func save(_ trainer: Trainer) {
    values.update(from: trainer.storage.parameters, count: vectorCount)
    if let state = trainer.storage.optimizerState { (values + vectorCount).update(from: state, count: stateCount) }
    epochCount = trainer.epochCount
    stepCount = trainer.stepCount
    plateau = trainer.plateau
  }

  /// Puts back what ``save(_:)`` copied, bit for bit.
  func restore(_ trainer: Trainer) {
    trainer.storage.parameters.update(from: values, count: vectorCount)
    trainer.storage.optimizerState?.update(from: values + vectorCount, count: stateCount)
    trainer.epochCount = epochCount
    trainer.stepCount = stepCount
    trainer.plateau = plateau
  }

  private var values: UnsafeMutablePointer<Float> { bytes.baseAddress.assumingMemoryBound(to: Float.self) }
}
