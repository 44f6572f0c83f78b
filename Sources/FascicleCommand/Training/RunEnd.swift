import Fascicle
import Glibc

/// Everything that is known after the last step.
struct RunEnd {
  let history: History
  let workerCount: Int
  /// What the plan predicted for a step of all its workers; nil where it had no rates to predict from.
  let predictedStepSeconds: Double?
  /// The training samples with the final weights; nil after a stop.
  let training: Evaluation?
  let validation: Evaluation?
  let test: Evaluation?
  let weightsSHA256: String
  /// Where the model was written; nil for nowhere.
  let modelFolder: String?
  /// What stopped the run before its last epoch ended; nil when nothing did.
  let stopSignal: StopSignals.Signal?
  /// The most memory that the process has had.
  let peakMemoryByteCount = Self.measurePeakMemory()

  /// `run_end`.
  var event: JSONEvent {
    JSONEvent(
      name: "run_end",
      fields: [
        "samples_per_second": .number(history.samplesPerSecond), "gflops": .number(history.gflops),
        "fma_peak_gflops": .number(history.fmaPeakGflops), "percent_of_peak": .number(history.percentOfPeak),
        "phase_seconds": phaseSeconds, "train_loss": .number(training?.loss),
        "train_accuracy": .number(training?.accuracy), "validation_loss": .number(validation?.loss),
        "validation_accuracy": .number(validation?.accuracy), "test_loss": .number(test?.loss),
        "test_accuracy": .number(test?.accuracy), "epochs": .whole(history.epochs.count),
        "steps": .whole(history.stepCount), "seconds": .number(history.seconds), "workers": .whole(workerCount),
        "weights_sha256": .text(weightsSHA256), "peak_memory_bytes": .whole(peakMemoryByteCount),
        "predicted_microseconds_per_step": .number(predictedStepSeconds.map { $0 * 1e6 }),
        "stopped": .flag(history.wasStopped), "stopped_early": .flag(history.stoppedEarly),
        "best_epoch": history.bestEpoch.map { .whole($0) } ?? .number(nil),
        "restored_best": .flag(history.restoredBest), "worker_paces": workerPaces,
        "staleness": history.staleness.map(StalenessLines.json) ?? .number(nil),
        "checkpoints": .whole(history.checkpoints.count),
        "checkpoint_failures": .whole(history.checkpoints.failureCount),
        "checkpoint_copy_percent": .number(history.checkpoints.copyPercent(of: history.seconds)),
        "checkpoint_wait_seconds": .number(history.checkpoints.waitedSeconds),
        "model": modelFolder.map { .text($0) } ?? .number(nil),
      ])
  }

  private var phaseSeconds: JSONValue {
    .object(Dictionary(uniqueKeysWithValues: history.phaseSeconds.phases.map { ($0.key, .number($0.seconds)) }))
  }

  private var workerPaces: JSONValue {
    .list(
      history.workerPaces.map { pace in
        .object([
          "workers": .whole(pace.workerCount), "steps": .whole(pace.stepCount),
          "microseconds_per_step": .number(pace.microsecondsPerStep),
        ])
      })
  }

  private static func measurePeakMemory() -> Int {
    var usage = rusage()
    // Linux counts in kibibytes.
    return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? Int(usage.ru_maxrss) * 1024 : 0
  }
}

extension PhaseSeconds {
  /// The phases by the name that JSON uses and the one that people read.
  var phases: [(key: String, name: String, seconds: Double)] {
    [
      ("forward", "forward", forward), ("backward", "backward", backward),
      ("gradient_and_update", "gradient + update", gradientAndUpdate), ("barrier", "barrier wait", barrier),
      ("data", "data", data), ("evaluation", "evaluation", evaluation),
      ("diagnosis", "diagnosis", diagnosis),
    ]
  }
}
