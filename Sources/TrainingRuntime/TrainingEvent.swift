/// What an observer of a run is told, on the thread that called `fit`.
public enum TrainingEvent: Sendable {
  /// The plan is made and the workers stand ready.
  case started(TrainingPlan)
  /// The first step of the call is done; the others go on when the observer has returned.
  case firstStepDone
  /// About ten times a second while an epoch runs.
  case progress(EpochProgress)
  /// An epoch and its evaluation are done.
  case epochEnded(EpochReport)
  /// An epoch diverged, and is run again from where the last good one ended (``DivergencePolicy/rollBack(atMost:)``).
  case rolledBack(RollBack)
  /// A state was kept, some time ago.
  case checkpointKept(CheckpointReport)
  /// A state could not be kept; those before it are as they were.
  case checkpointFailed(CheckpointFailure)
}

/// What an observer may ask for.
public enum TrainingCommand: Sendable, Hashable {
  /// Go on.
  case proceed
  /// Finish the step, keep everything learned so far, and return; with checkpoints, keep the state before.
  case stop
  /// Keep the state after the step at hand, and go on; nothing happens without checkpoints.
  case checkpoint
}

/// How far an epoch has come.
public struct EpochProgress: Sendable {
  /// The epoch, 1 for the first.
  public let epoch: Int
  /// Epochs of the run.
  public let epochCount: Int
  /// Steps of this epoch that are done.
  public let step: Int
  /// Steps of an epoch.
  public let stepCount: Int
  /// Mean training loss of the epoch so far; NaN before its first step.
  public let trainLoss: Double
  /// Training samples a second in this epoch so far.
  public let samplesPerSecond: Double
  /// Seconds that the rest of the epoch will take at this rate.
  public let secondsLeft: Double
}

/// What an epoch gave.
public struct EpochReport: Sendable, Hashable {
  /// The epoch, 1 for the first.
  public let epoch: Int
  /// Mean loss over the epoch's training samples, each taken before the step that it was part of.
  public let trainLoss: Double
  /// Share of training samples classified right in the same passes; nil for regression.
  public let trainAccuracy: Double?
  /// The held-out samples after the epoch; nil when none are held out.
  public let validation: Evaluation?
  /// Training samples a second, evaluation not counted.
  public let samplesPerSecond: Double
  /// The learning rate of the epoch's last step.
  public let learningRate: Float
  /// Seconds of training.
  public let seconds: Double
  /// Steps that were left out because their loss or gradient was not finite; their samples count in no mean.
  public let skippedSteps: Int
  /// The first of these steps, with the rows that show what went wrong; ``SkippedStep/limit`` at most.
  public internal(set) var skips: [SkippedStep] = []
  /// What its sampled steps have shown of every layer; nil when none was looked at (``DiagnosisMode``).
  public internal(set) var diagnosis: EpochDiagnosis?
}

/// Loss and accuracy over a set of samples with the weights held still.
public struct Evaluation: Sendable, Hashable {
  /// Mean loss.
  public let loss: Double
  /// Share of samples classified right; nil for regression.
  public let accuracy: Double?
  /// How many samples.
  public let sampleCount: Int

  /// Restores an evaluation, for example from a model file.
  package init(loss: Double, accuracy: Double?, sampleCount: Int) {
    self.loss = loss
    self.accuracy = accuracy
    self.sampleCount = sampleCount
  }
}

/// What a call of `fit` did; after one that was resumed, epochs and steps are the whole run's, seconds and rates the call's.
public struct History: Sendable {
  /// One report for each finished epoch.
  public internal(set) var epochs: [EpochReport] = []
  /// Steps done.
  public internal(set) var stepCount = 0
  /// Steps that earlier calls had done, where this one has gone on from a kept state; 0 otherwise.
  public internal(set) var resumedSteps = 0
  /// Training samples a second over all epochs, evaluation not counted; the unfinished epoch of a stopped run included.
  public internal(set) var samplesPerSecond = 0.0
  /// Seconds of the call.
  public internal(set) var seconds = 0.0
  /// Where they went.
  public internal(set) var phaseSeconds = PhaseSeconds()
  /// Nanoseconds of a step that a worker waits for others that are still computing: a part of the barrier's, sampled.
  public internal(set) var imbalanceNanosecondsPerStep = 0.0
  /// GFLOP/s of training: Σ 6·B·K·N over the dense layers less 2·B·K·N for the first, as all drivers count.
  public internal(set) var gflops = 0.0
  /// The peak of fused multiply-adds of all workers together, measured in this process, in GFLOP/s.
  ///
  /// 0 after a run too short to be worth the measurement; ``Trainer/fmaPeakGflops()`` takes it when asked.
  public package(set) var fmaPeakGflops = 0.0
  /// ``gflops`` as a share of ``fmaPeakGflops``, in percent.
  public var percentOfPeak: Double { fmaPeakGflops > 0 ? 100 * gflops / fmaPeakGflops : 0 }
  /// What each number of workers that ran has shown; more than one entry where the runtime was free to choose.
  public internal(set) var workerPaces: [WorkerPaceReport] = []
  /// How stale gradients were, where workers did not wait for one another (`hogwild`); nil for the other reductions.
  public internal(set) var staleness: StalenessHistogram?
  /// The epoch that early stopping found best, 1 for the first; nil without early stopping.
  public internal(set) var bestEpoch: Int?
  /// Whether early stopping ended the call before its last epoch.
  public internal(set) var stoppedEarly = false
  /// Whether the trainer went back to ``bestEpoch`` at the end.
  public internal(set) var restoredBest = false
  /// The returns to the last good epoch.
  public internal(set) var rollBacks: [RollBack] = []
  /// Whether the observer stopped the run before its last epoch ended.
  public internal(set) var wasStopped = false
  /// What was done to keep the run's state.
  public internal(set) var checkpoints = CheckpointAccount()
}

/// How fast steps were with one number of workers.
public struct WorkerPaceReport: Sendable, Hashable {
  /// The number of workers.
  public let workerCount: Int
  /// Steps that ran with it.
  public let stepCount: Int
  /// Microseconds of a step when it last ran.
  public let microsecondsPerStep: Double
}
