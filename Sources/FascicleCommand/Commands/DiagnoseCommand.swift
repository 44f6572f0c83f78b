import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle diagnose`.
struct DiagnoseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Trains for a few epochs and tells which layers are sick, and of what.",
    discussion: """
      Looks at about 32 steps of each epoch: dead rectifiers, saturated units,
      activations and gradients through the depth, and how far a step moves the
      weights. Nothing is written. A run that diverges ends with status 1, and with
      the layer, the row and the values that led there.

      Examples:
        fascicle diagnose configs/digits.yaml
        fascicle diagnose run.yaml optimizer.learningRate=0.1 --epochs 5
        fascicle diagnose run.yaml --json
      """)

  @OptionGroup var runArguments: RunArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("How many epochs to train.", valueName: "N"))
  var epochs = "3"

  @Flag(help: "Write JSON to standard output, one event for each epoch, in place of the report.")
  var json = false

  func validate() throws {
    guard let count = Int(epochs), (1...1_000_000).contains(count) else {
      throw ValidationError("--epochs must be a whole number from 1 to 1000000, but is '\(epochs)'")
    }
  }

  func run() throws {
    var configuration = try runArguments.load()
    configuration.training.epochs = Int(epochs) ?? 3
    let data = try configuration.loadData()
    let trainer = try configuration.makeTrainer(for: data)
    guard trainer.runtimeReduction != .hogwild else {
      throw TrainingRuntimeError(
        code: .setting, message: "nothing can be diagnosed with the reduction hogwild, whose steps never end together",
        hint: "diagnose with runtime.reduction=segmented")
    }
    trainer.diagnosis = .steps(perEpoch: 32)
    do {
      try report(try fit(trainer, data, configuration))
    } catch let error as TrainingRuntimeError {
      if let divergence = error.divergence {
        try StandardOutput.write(
          json ? divergence.event(error).line() : DiagnosisLines.ranges(divergence).joined(separator: "\n") + "\n")
      }
      throw error
    }
  }

  private func fit(_ trainer: Trainer, _ data: RunData, _ configuration: RunConfiguration) throws -> History {
    let signals = StopSignals.listen(keepsState: false)
    signals.beginRun()
    var failure: (any Error)?
    // All of its epochs are of interest.
    let history = try trainer.fit(data, as: configuration, stopsEarly: false) { event in
      do {
        switch event {
        case .epochEnded(let report) where json: try StandardOutput.write(report.event.line())
        case .rolledBack(let rollBack) where json: try StandardOutput.write(rollBack.event.line())
        case .rolledBack(let rollBack): StandardError.write("rolled back: \(rollBack.message)\n")
        default: break
        }
      } catch {
        failure = error
      }
      return failure == nil && signals.received == nil ? .proceed : .stop
    }
    if let failure { throw failure }
    if history.wasStopped, let signal = signals.received { throw StoppedBySignal(signal: signal) }
    return history
  }

  private func report(_ history: History) throws {
    guard !json, let last = history.epochs.last, let diagnosis = last.diagnosis else { return }
    var lines = ["\(runArguments.title), epoch \(last.epoch), \(diagnosis.sampledSteps) steps looked at", ""]
    lines += DiagnosisLines.table(diagnosis) + [""]
    lines += history.epochs.map { report in
      let accuracy = report.trainAccuracy.map { ", accuracy \(NumberFormat.percent($0))" } ?? ""
      let count = report.diagnosis?.verdicts.count ?? 0
      return "epoch \(report.epoch): loss \(NumberFormat.loss(report.trainLoss))\(accuracy), "
        + (count == 0 ? "nothing sick" : "\(count) \(count == 1 ? "finding" : "findings")")
    }
    lines.append("")
    let healed = healed(history)
    if diagnosis.verdicts.isEmpty { lines.append(healed.isEmpty ? "no layer is sick" : "no layer is sick any more") }
    lines += diagnosis.verdicts.map { "sick: \($0.message)" }
    lines += healed.map { "sick until epoch \($0.epoch): \($0.verdict.message)" }
    try StandardOutput.write(lines.joined(separator: "\n") + "\n")
  }

  /// What was found in an epoch and no longer in the last, each with the last epoch that had it.
  private func healed(_ history: History) -> [(epoch: Int, verdict: DiagnosisVerdict)] {
    func name(_ verdict: DiagnosisVerdict) -> String { "\(verdict.layer) \(verdict.kind.rawValue)" }
    var known = Set((history.epochs.last?.diagnosis?.verdicts ?? []).map(name))
    let found = history.epochs.dropLast().reversed().flatMap { report in
      (report.diagnosis?.verdicts ?? []).filter { known.insert(name($0)).inserted }.map { (report.epoch, $0) }
    }
    return found.reversed()
  }
}
