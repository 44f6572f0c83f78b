/// Everything that a run needs to go on as if it had never stopped, as it stood between two steps.
///
/// Pass it to ``Trainer/fit(_:epochs:batchSize:validation:classWeights:earlyStopping:checkpoints:resuming:callbacks:observer:)`` of a
/// trainer made with the same settings: the run then ends with the same bits as one that was never interrupted, at any
/// number of workers.
///
/// - Concurrency: nobody writes its memory, while a ``CheckpointStore`` keeps it or after it was read.
public struct TrainingState: @unchecked Sendable {
  /// How the elements of a tensor are stored, little-endian.
  public enum ElementType: Sendable, Hashable {
    /// IEEE singles.
    case float32
    /// Bytes that only the runtime understands.
    case bytes

    /// Bytes of an element.
    public var byteCount: Int { self == .float32 ? 4 : 1 }
  }

  /// A named list of values: parameters, state of the optimizer, copies of both.
  ///
  /// Parameters and all that is kept for each of them lie as in memory: weights as panels `[in/32][out][32]`.
  public struct Tensor {
    /// What it is called, as in `optimizer.0`.
    public let name: String
    /// How its elements are stored.
    public let elementType: ElementType
    /// Its bytes, valid while the state is.
    public let bytes: UnsafeRawBufferPointer

    /// A tensor over somebody else's memory.
    package init(name: String, elementType: ElementType, bytes: UnsafeRawBufferPointer) {
      self.name = name
      self.elementType = elementType
      self.bytes = bytes
    }
  }

  /// The numbers and names beside the tensors.
  package let record: RunRecord
  /// All values.
  public let tensors: [Tensor]
  /// What keeps the tensors' memory alive.
  private let owner: AnyObject?

  /// A state whose tensors lie in memory that `owner` keeps.
  package init(record: RunRecord, tensors: [Tensor], owner: AnyObject?) {
    self.record = record
    self.tensors = tensors
    self.owner = owner
  }

  /// Epochs of the run that were finished.
  public var epochs: Int { record.history.epochs.count }
  /// Steps of the run, those of the unfinished epoch included.
  public var steps: Int { record.history.stepCount + (record.openEpoch?.stepsDone ?? 0) }
  /// Bytes of all tensors.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.bytes.count } }
  /// The reports of the finished epochs.
  public var reports: [EpochReport] { record.history.epochs }
  /// The settings that decide the run's bits, by the names that configurations give them.
  public var settings: [(name: String, value: String)] { record.identity.settings.map { ($0.name, $0.value) } }
  /// How often the run had been rolled back.
  public var rollBackCount: Int { record.history.rollBacks.count }
}
