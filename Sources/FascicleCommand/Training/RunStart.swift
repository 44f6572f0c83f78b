import Fascicle
import RunConfiguration

/// Everything that is known before the first step.
struct RunStart {
  let configuration: RunConfiguration
  let data: RunData
  let plan: TrainingPlan
  let pinning: [PinningOutcome]
  /// What is odd about last layer, loss and targets.
  let warnings: [String]
  /// What the run goes on from; nil where it begins anew.
  var resumed: ResumedState?

  /// `run_start`.
  var event: JSONEvent {
    JSONEvent(
      name: "run_start",
      fields: [
        "configuration": .configuration(configuration.tree),
        "seed": .configuration(.whole(configuration.training.seed)),
        "version": .text(FascicleCommand.version), "instruction_set": .text(plan.instructionSet.rawValue),
        "topology": plan.machine.json, "effective_cpus": .whole(plan.budget.limit),
        "workers": .whole(plan.workerCount), "worker_cpus": .list(workers.map { .whole($0.processor) }),
        "workers_pinned": .whole(verifiedCount),
        "worker_reason": .text(plan.workerReason), "reduction": .text(plan.reduction.rawValue),
        "reduction_reason": .text(plan.reductionReason), "lanes": .whole(plan.laneCount),
        "same_bits": .flag(plan.givesSameBits),
        "precision": .text(plan.precision.rawValue), "parameters": .whole(plan.parameterCount),
        "gradient_accumulation": .whole(plan.accumulation), "steps_per_epoch": .whole(plan.stepsPerEpoch),
        "memory_plan_bytes": memory,
        "training_samples": .whole(data.training.sampleCount),
        "validation_samples": .whole(data.validation?.sampleCount ?? 0),
        "test_samples": .whole(data.test?.sampleCount ?? 0),
        "warnings": .list(warnings.map { .text($0) }),
        "resumed_from": resumed.map { .text($0.path) } ?? .number(nil),
        "checkpoint_folder": configuration.checkpoint?.folder.map { .text($0) } ?? .number(nil),
      ])
  }

  /// The places of the workers that train.
  var workers: ArraySlice<WorkerPlacement.Assignment> { plan.placement.workers.prefix(plan.workerCount) }

  /// Workers that the kernel says run on their processor and on no other.
  private var verifiedCount: Int {
    zip(workers, pinning).count { if case .verified = $1 { true } else { false } }
  }

  private var memory: JSONValue {
    var parts = ["total": JSONValue.whole(plan.memory.byteCount)]
    for part in plan.memory.parts {
      parts[part.name.split(separator: " ").joined(separator: "_")] = .whole(part.byteCount)
    }
    return .object(parts)
  }
}

extension Machine {
  /// The number of each part.
  var json: JSONValue {
    .object([
      "model": .text(modelName), "processors": .whole(processors.count), "cores": .whole(coreCount),
      "packages": .whole(packages.count), "numa_nodes": .whole(max(1, numaNodes.count)),
      "last_level_caches": .whole(lastLevelCacheCount),
    ])
  }
}

extension SkippedStep {
  fileprivate var json: JSONValue {
    .object(["step": .whole(step), "message": .text(message), "rows": .list(rows.map { .whole($0) })])
  }
}

extension EpochReport {
  /// `epoch`.
  var event: JSONEvent {
    JSONEvent(
      name: "epoch",
      fields: [
        "epoch": .whole(epoch), "train_loss": .number(trainLoss), "train_accuracy": .number(trainAccuracy),
        "validation_loss": .number(validation?.loss), "validation_accuracy": .number(validation?.accuracy),
        "samples_per_second": .number(samplesPerSecond), "learning_rate": .single(learningRate),
        "seconds": .number(seconds), "skipped_steps": .whole(skippedSteps),
        "skips": .list(skips.map(\.json)),
        "diagnosis": DiagnosisLines.json(diagnosis),
      ])
  }
}
