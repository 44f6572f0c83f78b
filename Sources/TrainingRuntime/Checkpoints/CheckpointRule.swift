/// When a call of `fit` keeps its state.
///
/// Whatever comes first: so many steps, minutes or epochs since the run began or a state was kept. Besides, an epoch that is
/// the best so far is kept, and so is the end of the call, by whatever it came.
///
/// A state is copied between two steps, which training waits for, and written while it goes on. Where the one before is still
/// being written when a state is due, training does not wait: the state is taken at the first step after that. Only the best
/// epoch and the last state are never passed over.
public struct CheckpointRule: Sendable, Hashable {
  /// What follows when a state cannot be written.
  public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
    /// The observer is told, and training goes on.
    case proceed = "continue"
    /// The call of `fit` ends with the error.
    case stop
  }

  /// Steps between states; nil for none in between.
  public var everySteps: Int?
  /// Minutes between states; nil for none in between.
  public var everyMinutes: Double?
  /// Epochs between states; nil for none in between.
  public var everyEpochs: Int?
  /// Whether an epoch is kept when its validation loss (or what early stopping watches, or else its training loss) is the
  /// best so far.
  public var keepsBest: Bool
  /// What follows when a state cannot be written.
  public var onError: FailurePolicy

  /// A state at every epoch's end, unless told otherwise.
  public init(
    everySteps: Int? = nil, everyMinutes: Double? = nil, everyEpochs: Int? = 1, keepsBest: Bool = true,
    onError: FailurePolicy = .proceed
  ) {
    self.everySteps = everySteps
    self.everyMinutes = everyMinutes
    self.everyEpochs = everyEpochs
    self.keepsBest = keepsBest
    self.onError = onError
  }

  /// Refuses spans that are not positive.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.setting`.
  public func validate() throws(TrainingRuntimeError) {
    for (span, name) in [(everySteps, "everySteps"), (everyEpochs, "everyEpochs")] {
      guard let span, span < 1 else { continue }
      throw TrainingRuntimeError(
        code: .setting, message: "\(name) of checkpoints must be at least 1, but is \(span)")
    }
    guard let everyMinutes, !(everyMinutes > 0 && everyMinutes.isFinite) else { return }
    throw TrainingRuntimeError(
      code: .setting, message: "everyMinutes of checkpoints must be a number above 0, but is \(everyMinutes)")
  }
}

/// Where a call of `fit` keeps its state, and when.
public struct Checkpoints: Sendable {
  /// Where.
  public var store: any CheckpointStore
  /// When.
  public var rule: CheckpointRule

  /// States for a store by a rule.
  public init(_ store: any CheckpointStore, rule: CheckpointRule = CheckpointRule()) {
    self.store = store
    self.rule = rule
  }
}

/// A place that keeps states of runs, such as a folder of files.
///
/// - Concurrency: ``begin()`` is called on the thread that called `fit`, ``keep(_:isBest:)`` then on one other thread, and
/// ``end()`` when that is done, on any.
public protocol CheckpointStore: Sendable {
  /// Gets ready for a run, before its first step.
  func begin() throws
  /// Keeps a state for good, and returns what it is called.
  ///
  /// When it returns, the state outlives the process; when it throws, those kept before are as they were. The state's memory
  /// is the caller's again when it returns.
  func keep(_ state: TrainingState, isBest: Bool) throws -> String
  /// Ends what ``begin()`` began; nothing is kept any more. Does nothing unless a store has something to do.
  func end()
}

extension CheckpointStore {
  /// Does nothing.
  public func end() {}
}

/// A state that was kept.
public struct CheckpointReport: Sendable, Hashable {
  /// What the store calls it.
  public let name: String
  /// Epochs that were finished.
  public let epochs: Int
  /// Steps of the run.
  public let steps: Int
  /// Bytes of its tensors.
  public let byteCount: Int
  /// Seconds that writing took, beside the training.
  public let seconds: Double
  /// Whether its epoch was the best so far.
  public let isBest: Bool
}

/// A state that could not be kept.
public struct CheckpointFailure: Sendable {
  /// Epochs that were finished.
  public let epochs: Int
  /// Steps of the run.
  public let steps: Int
  /// What the store refused with.
  public let error: any Error
}

/// What a call of `fit` did to keep its state.
public struct CheckpointAccount: Sendable {
  /// States that were kept.
  public internal(set) var count = 0
  /// The latest of them.
  public internal(set) var latest: CheckpointReport?
  /// States that could not be kept.
  public internal(set) var failureCount = 0
  /// What the latest attempt failed with; nil when it succeeded.
  public internal(set) var latestFailure: CheckpointFailure?
  /// Seconds that training waited for states to be copied, and once at the end for the last to be written.
  public internal(set) var waitedSeconds = 0.0
  /// Seconds of it before the end.
  public internal(set) var copySeconds = 0.0
  /// Seconds that writing took beside the training.
  public internal(set) var writingSeconds = 0.0
}
