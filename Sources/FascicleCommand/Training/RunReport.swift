import Fascicle
import RunConfiguration

/// What a run tells people, before and after.
enum RunReport {
  /// The machine and the plan: what runs where, and why.
  static func plan(_ start: RunStart, title: String, terminal: Terminal) -> String {
    let plan = start.plan
    var lines = LabelledLines(for: terminal)
    lines.add("run", "\(title), seed \(start.configuration.training.seed)")
    lines.add("machine", "\(plan.machine)")
    lines.add("workers", ["\(plan.workerCount): \(plan.workerReason)"] + WorkerLines.lines(start))
    lines.add("kernels", plan.kernelWords)
    lines.add("reduction", "\(plan.reduction.rawValue): \(plan.reductionReason)")
    lines.add("network", "\(plan.network), \(NumberFormat.grouped(plan.parameterCount)) parameters")
    lines.add("data", [samples(of: start.data)] + mapping(start))
    lines.add("step", step(plan))
    lines.add("memory", memory(plan.memory))
    if let checkpoint = start.configuration.checkpoint { lines.add("checkpoints", CheckpointLines.plan(checkpoint)) }
    if let resumed = start.resumed { lines.add("resumed", resumed.place) }
    if !start.warnings.isEmpty { lines.add("warning", start.warnings) }
    return lines.text
  }

  /// How many samples each part has.
  static func samples(of data: RunData) -> String {
    let parts = [("training", data.training), ("validation", data.validation), ("test", data.test)]
    let counts = parts.compactMap { name, part in part.map { "\(NumberFormat.grouped($0.sampleCount)) \(name)" } }
    return counts.joined(separator: ", ") + " samples"
  }

  /// What of the data stays in its file, and how it is shuffled.
  private static func mapping(_ start: RunStart) -> [String] {
    let dataset = start.data.training.dataset, features = dataset.features
    guard features.isMapped else { return [] }
    let place = "\(formatBytes(features.byteCount)) stay in \(dataset.name)"
    guard let window = start.configuration.training.shuffleWindow, window < start.data.training.sampleCount else {
      return ["\(place), shuffled as a whole: where it exceeds the memory, set training.shuffleWindow"]
    }
    let bytes = formatBytes(features.byteCount / features.sampleCount * window)
    return ["\(place), shuffled in windows of \(NumberFormat.grouped(window)) samples (\(bytes))"]
  }

  private static func step(_ plan: TrainingPlan) -> String {
    let megaflops = plan.flopsPerStep / 1e6
    let amount = NumberFormat.fixed(megaflops, megaflops < 10 ? 2 : 0)
    return "\(plan.stepSamples) samples, \(amount) MFLOP; \(NumberFormat.grouped(plan.stepsPerEpoch)) steps an epoch"
  }

  private static func memory(_ plan: MemoryPlan) -> String {
    let parts = plan.parts.filter { $0.byteCount > 0 }.map { "\($0.name) \(formatBytes($0.byteCount))" }
    return "\(formatBytes(plan.byteCount)): \(parts.joined(separator: ", "))"
  }

  /// What came of the run.
  static func results(_ end: RunEnd, memory: MemoryPlan?, folder: String?) -> String {
    var lines = LabelledLines()
    if let signal = end.stopSignal { lines.add("stopped", "by \(signal.name), the step at hand was finished") }
    if end.stopSignal != nil, let kept = end.history.checkpoints.latest, end.history.checkpoints.latestFailure == nil {
      lines.add("", "its state is kept in \(kept.name); to go on, run again with --resume auto")
    }
    if let ending = earlyEnding(end.history) { lines.add("stopped", ending) }
    let skipped = end.history.epochs.reduce(0) { $0 + $1.skippedSteps }
    if skipped > 0 {
      lines.add(
        "left out",
        "\(NumberFormat.grouped(skipped)) of \(NumberFormat.grouped(end.history.stepCount)) steps, whose "
          + "loss or gradient was not a finite number")
      lines.add("", skippedRows(end.history))
    }
    let evaluations = evaluations(end)
    if !evaluations.isEmpty {
      lines.add("result", evaluations)
      lines.addBlank()
    }
    if let verdicts = end.history.epochs.last?.diagnosis?.verdicts, !verdicts.isEmpty {
      lines.add("sick", verdicts.map(\.message))
      lines.addBlank()
    }
    lines.add("speed", speed(end.history))
    if end.history.workerPaces.count > 1 || end.predictedStepSeconds != nil { lines.add("workers", paces(end)) }
    lines.add("time", times(end.history))
    if let staleness = end.history.staleness { lines.add("staleness", StalenessLines.lines(staleness)) }
    if end.history.checkpoints.count + end.history.checkpoints.failureCount > 0 {
      lines.add("checkpoints", CheckpointLines.results(end.history.checkpoints, seconds: end.history.seconds))
    }
    lines.addBlank()
    lines.add("weights", "sha256 \(end.weightsSHA256)")
    lines.add("memory", "\(formatBytes(end.peakMemoryByteCount)) at the peak\(planned(memory))")
    if let folder {
      let files = ["config.yaml", "metrics.jsonl"] + (end.modelFolder == nil ? [] : modelFiles)
      lines.add("written", files.map { "\(folder)/\($0)" }.joined(separator: ", "))
      if end.modelFolder != nil { lines.add("", "try: fascicle evaluate \(folder)") }
    }
    return lines.text
  }

  /// The rows that the steps were left out for, the first few of them.
  private static func skippedRows(_ history: History) -> String {
    var seen: Set<Int> = []
    let rows = history.epochs.flatMap(\.skips).flatMap(\.rows).filter { seen.insert($0).inserted }
    let named = rows.prefix(8).map { "\($0)" }.joined(separator: ", ")
    let others = rows.count > 8 ? " and \(NumberFormat.grouped(rows.count - 8)) more" : ""
    return
      "\(rows.count == 1 ? "row" : "rows") \(named)\(others) of the data set \(rows.count == 1 ? "shows" : "show") it"
  }

  private static let modelFiles = [TrainedModel.weightsFileName, TrainedModel.descriptionFileName]

  /// What early stopping did, if anything.
  private static func earlyEnding(_ history: History) -> String? {
    guard let best = history.bestEpoch, history.stoppedEarly || history.restoredBest else { return nil }
    let end = history.stoppedEarly ? "early, after epoch \(history.epochs.count); " : ""
    return end + (history.restoredBest ? "back to epoch \(best), the best" : "the best was epoch \(best)")
  }

  private static func planned(_ memory: MemoryPlan?) -> String {
    memory.map { ", \(formatBytes($0.byteCount)) of it planned for training" } ?? ""
  }

  private static func evaluations(_ end: RunEnd) -> [String] {
    let rows = [("training", end.training), ("validation", end.validation), ("test", end.test)]
    let present = rows.compactMap { name, evaluation in evaluation.map { (name, $0) } }
    if present.isEmpty { return [] }
    let hasAccuracy = present.contains { $0.1.accuracy != nil }
    var table = TextTable(hasAccuracy ? [.left, .right, .right, .right] : [.left, .right, .right])
    table.add(["", "loss"] + (hasAccuracy ? ["accuracy"] : []) + ["samples"])
    for (name, evaluation) in present {
      table.add(
        [name, NumberFormat.loss(evaluation.loss)]
          + (hasAccuracy ? [NumberFormat.percent(evaluation.accuracy)] : [])
          + [NumberFormat.grouped(evaluation.sampleCount)])
    }
    return table.lines
  }

  private static func speed(_ history: History) -> [String] {
    let gflops = NumberFormat.fixed(history.gflops, 1), peak = NumberFormat.fixed(history.fmaPeakGflops, 1)
    return [
      "\(NumberFormat.rate(history.samplesPerSecond)) samples/s",
      "\(gflops) GFLOP/s, \(NumberFormat.fixed(history.percentOfPeak, 1)) % of the FMA peak of \(peak) measured here",
    ]
  }

  /// What each number of workers has shown, the one that ran longest first, beside what the plan predicted.
  private static func paces(_ end: RunEnd) -> [String] {
    end.history.workerPaces.sorted { $0.stepCount > $1.stepCount }.map { pace in
      let time = NumberFormat.duration(pace.microsecondsPerStep * 1e-6)
      let predicted = end.predictedStepSeconds.flatMap { pace.workerCount == end.workerCount ? $0 : nil }
      return "\(pace.workerCount) for \(NumberFormat.grouped(pace.stepCount)) steps, the last at \(time) each"
        + (predicted.map { "; predicted \(NumberFormat.duration($0))" } ?? "")
    }
  }

  private static func times(_ history: History) -> [String] {
    let epochs = history.epochs.count, phases = history.phaseSeconds
    let total =
      "\(NumberFormat.duration(history.seconds)) for \(NumberFormat.grouped(history.stepCount)) steps, "
      + "\(NumberFormat.grouped(epochs)) \(epochs == 1 ? "epoch" : "epochs")"
      + (history.resumedSteps > 0 ? ", but \(NumberFormat.grouped(history.resumedSteps)) of the steps before" : "")
    guard phases.total > 0 else { return [total] }
    var table = TextTable([.left, .right, .right])
    for phase in phases.phases {
      let share = NumberFormat.percent(phase.seconds / phases.total, decimals: 1)
      table.add([phase.name, NumberFormat.duration(phase.seconds), share])
    }
    return [total] + table.lines
  }
}
