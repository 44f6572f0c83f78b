import TrainingData

/// Something of yours that is told what a call of ``Trainer/fit(_:epochs:batchSize:validation:classWeights:earlyStopping:checkpoints:resuming:callbacks:observer:)``
/// does, and may stop it.
///
///     final class LossLog: TrainingCallback {
///       let stepInterval = 100
///       func stepEnded(_ step: StepReport, of trainer: Trainer) -> TrainingCommand {
///         print(step.number, step.loss)
///         return .proceed
///       }
///       func validationEnded(_ evaluation: Evaluation, epoch: Int, of trainer: Trainer) -> TrainingCommand {
///         evaluation.loss < 0.01 ? .stop : .proceed
///       }
///     }
///
/// Every method has a default that does nothing, and runs on the thread that called `fit`, while the workers wait: it may
/// evaluate, predict, copy the model or set the trainer's rates of its own, and the run has the same bits as without it
/// unless it changes something. After a ``TrainingCommand/stop`` everything learned so far is kept, and `fit` returns.
///
/// - Concurrency: one call at a time, in the order of the list; between two calls the trainer belongs to `fit`.
public protocol TrainingCallback {
  /// After how many steps ``stepEnded(_:of:)`` is called, and at the end of an epoch; nil, the default, for never.
  ///
  /// Workers stop for each call, which costs some microseconds: with 1 and very short steps a run may take twice as long.
  var stepInterval: Int? { get }
  /// The plan is made, and nothing has been trained yet.
  func trainingBegan(_ plan: TrainingPlan, of trainer: Trainer) -> TrainingCommand
  /// An epoch is about to begin, 1 for the first of the call; one that is rolled back begins again.
  func epochBegan(_ epoch: Int, of trainer: Trainer) -> TrainingCommand
  /// So many steps are done as ``stepInterval`` says.
  func stepEnded(_ step: StepReport, of trainer: Trainer) -> TrainingCommand
  /// The held-out samples have been evaluated after an epoch.
  func validationEnded(_ evaluation: Evaluation, epoch: Int, of trainer: Trainer) -> TrainingCommand
  /// An epoch and its evaluation are done; the report has everything that ``History`` will have of it.
  func epochEnded(_ report: EpochReport, of trainer: Trainer) -> TrainingCommand
  /// The call is over, stopped or not, and early stopping has gone back to its best epoch; not called after an error.
  func trainingEnded(_ history: History, of trainer: Trainer)
}

extension TrainingCallback {
  /// Never.
  public var stepInterval: Int? { nil }
  /// Goes on.
  public func trainingBegan(_ plan: TrainingPlan, of trainer: Trainer) -> TrainingCommand { .proceed }
  /// Goes on.
  public func epochBegan(_ epoch: Int, of trainer: Trainer) -> TrainingCommand { .proceed }
  /// Goes on.
  public func stepEnded(_ step: StepReport, of trainer: Trainer) -> TrainingCommand { .proceed }
  /// Goes on.
  public func validationEnded(_ evaluation: Evaluation, epoch: Int, of trainer: Trainer) -> TrainingCommand {
    .proceed
  }
  /// Goes on.
  public func epochEnded(_ report: EpochReport, of trainer: Trainer) -> TrainingCommand { .proceed }
  /// Does nothing.
  public func trainingEnded(_ history: History, of trainer: Trainer) {}
}

/// What some steps of training gave.
public struct StepReport: Sendable, Hashable {
  /// The epoch, 1 for the first of the call.
  public let epoch: Int
  /// Steps of the epoch that are done.
  public let step: Int
  /// Steps of an epoch.
  public let stepCount: Int
  /// Steps that the trainer's parameters have behind them, those of earlier calls included.
  public let number: Int
  /// Mean loss of the samples since the last report of the epoch, each taken before its step; of the last step alone where
  /// ``TrainingCallback/stepInterval`` is 1, and not a number where all of these steps were skipped.
  public let loss: Double
  /// The learning rate of the last step.
  public let learningRate: Float
}

/// The callbacks of a call of `fit`: who is told of what, and when the next step is to be told.
struct CallbackList {
  let callbacks: [any TrainingCallback]
  private let intervals: [Int?]
  /// What the last report of a step had seen of the epoch, for each callback.
  private var seen: [(loss: Double, samples: Int)]

  init(_ callbacks: [any TrainingCallback]) throws(TrainingRuntimeError) {
    self.callbacks = callbacks
    intervals = callbacks.map(\.stepInterval)
    seen = callbacks.map { _ in (0, 0) }
    if let wrong = intervals.compactMap({ $0 }).first(where: { $0 < 1 }) {
      throw TrainingRuntimeError(
        code: .setting, message: "a callback's stepInterval must be at least 1, but is \(wrong)",
        hint: "for never, leave it nil")
    }
  }

  var isEmpty: Bool { callbacks.isEmpty }

  /// The end of the steps from `step` on that may run before somebody has to be told, at most `last`.
  func nextStop(after step: Int, last: Int) -> Int {
    intervals.reduce(last) { stop, interval in interval.map { min(stop, (step / $0 + 1) * $0) } ?? stop }
  }

  /// Asks all, and stops where one wants to; nobody is left out.
  func ask(_ question: (any TrainingCallback) -> TrainingCommand) -> TrainingCommand {
    callbacks.reduce(.proceed) { command, callback in question(callback) == .stop ? .stop : command }
  }

  mutating func beginEpoch() { for index in seen.indices { seen[index] = (0, 0) } }

  /// Tells of a step those whose turn it is.
  mutating func stepEnded(_ run: EpochRun, epoch: Int, number: Int, trainer: Trainer) -> TrainingCommand {
    let done = run.stepsDone.load(ordering: .relaxed)
    var command = TrainingCommand.proceed
    for (index, interval) in intervals.enumerated() {
      guard let interval, done % interval == 0 || done == run.stepsPerEpoch else { continue }
      let samples = run.samplesDone - run.skippedSamples,
        loss = Double(bitPattern: run.lossBits.load(ordering: .relaxed))
      let report = StepReport(
        epoch: epoch, step: done, stepCount: run.stepsPerEpoch, number: number,
        loss: (loss - seen[index].loss) / Double(samples - seen[index].samples),
        learningRate: run.optimizerStep(done - 1).learningRate)
      seen[index] = (loss, samples)
      if callbacks[index].stepEnded(report, of: trainer) == .stop { command = .stop }
    }
    return command
  }
}
