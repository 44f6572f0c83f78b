import Fascicle
import RunConfiguration

/// A cross-validation from its configuration to its report.
struct CrossValidationSession {
  let configuration: RunConfiguration
  let title: String
  let foldCount: Int
  let writesJSON: Bool
  let isQuiet: Bool

  /// Trains and measures fold by fold.
  ///
  /// - Throws: what any room refuses, or ``StoppedBySignal`` after the folds that are done have been reported.
  func run() throws {
    let start = MonotonicTime.nanoseconds()
    let signals = StopSignals.listen(keepsState: false)
    let folds = try configuration.loadFolds(foldCount, stratified: configuration.training.stratifies)
    var result = CrossValidation()
    signals.beginRun()
    for index in 0..<folds.count {
      let data = try folds.data(of: index)
      guard let heldOut = data.test, signals.received == nil else { break }
      let trainer = try configuration.makeTrainer(for: data)
      let history = try fit(trainer, data, number: index + 1, signals: signals)
      if history.wasStopped { break }
      let fold = try result.add(
        trainer, history, trainingSampleCount: data.training.sampleCount, heldOut: heldOut,
        model: trainer.model(of: data))
      if writesJSON { try StandardOutput.write(event(fold).line()) }
    }
    let report = CrossValidationReport(
      result: result, title: title, foldCount: foldCount, isStratified: configuration.training.stratifies,
      seed: configuration.training.seed, seconds: Double(MonotonicTime.nanoseconds() - start) * 1e-9)
    let signal = result.folds.count < foldCount ? signals.received : nil
    try StandardOutput.write(writesJSON ? report.event.line() : report.text(stoppedBy: signal))
    if let signal { throw StoppedBySignal(signal: signal) }
  }

  private func fit(
    _ trainer: Trainer, _ data: RunData, number: Int, signals: StopSignals
  ) throws -> History {
    var display = isQuiet ? nil : ProgressDisplay(samplesPerEpoch: data.training.sampleCount)
    display?.note("fold \(number) of \(foldCount), \(NumberFormat.grouped(data.training.sampleCount)) samples")
    display?.begin(epochCount: configuration.training.epochs, hasValidation: data.validation != nil)
    let history = try trainer.fit(data, as: configuration) { event in
      switch event {
      case .progress(let progress): display?.show(progress)
      case .epochEnded(let report): display?.show(report)
      case .rolledBack(let rollBack): display?.note("rolled back: \(rollBack.message)")
      case .started, .firstStepDone, .checkpointKept, .checkpointFailed: break
      }
      return signals.received == nil ? .proceed : .stop
    }
    display?.end()
    return history
  }

  /// `fold`.
  private func event(_ fold: CrossValidation.Fold) -> JSONEvent {
    JSONEvent(
      name: "fold",
      fields: [
        "fold": .whole(fold.number), "folds": .whole(foldCount),
        "training_samples": .whole(fold.trainingSampleCount), "samples": .whole(fold.evaluation.sampleCount),
        "loss": .number(fold.evaluation.loss), "accuracy": .number(fold.evaluation.accuracy),
        "metrics": MetricsReport(metrics: fold.metrics, classNames: nil).json,
        "epochs": .whole(fold.history.epochs.count),
        "best_epoch": fold.history.bestEpoch.map { .whole($0) } ?? .number(nil),
        "stopped_early": .flag(fold.history.stoppedEarly), "seconds": .number(fold.history.seconds),
        "weights_sha256": .text(fold.weightsSHA256),
      ])
  }
}

/// What a cross-validation found, for people and as JSON.
struct CrossValidationReport {
  let result: CrossValidation
  let title: String
  let foldCount: Int
  let isStratified: Bool
  let seed: UInt64
  let seconds: Double

  /// `cross_validation`.
  var event: JSONEvent {
    func json(_ spread: CrossValidation.Spread) -> JSONValue {
      .object(["mean": .number(spread.mean), "deviation": .number(spread.deviation)])
    }
    let figures = result.figures.map { ($0.name, json($0.spread)) }
    return JSONEvent(
      name: "cross_validation",
      fields: [
        "folds": .whole(foldCount), "folds_done": .whole(result.folds.count), "stratified": .flag(isStratified),
        "seed": .configuration(.whole(seed)), "seconds": .number(seconds),
        "loss": result.folds.isEmpty ? .number(nil) : json(result.loss),
        "metrics": .object(Dictionary(figures, uniquingKeysWith: { first, _ in first })),
      ])
  }

  func text(stoppedBy signal: StopSignals.Signal?) -> String {
    var lines = LabelledLines()
    lines.add(
      "folds",
      "\(foldCount)\(isStratified ? ", stratified" : ""), seed \(seed), of \(title)")
    lines.add("trained", NumberFormat.duration(seconds))
    if let signal { lines.add("stopped", "by \(signal.name) after \(result.folds.count) of \(foldCount) folds") }
    guard !result.folds.isEmpty else { return lines.text }
    lines.addBlank()
    lines.add("each", table.lines)
    lines.addBlank()
    lines.add("together", together.lines + ["mean ± standard deviation over the folds"])
    return lines.text
  }

  /// The figures that a row has room for.
  private var shown: [String] { ["accuracy", "macro_f1", "exact_match", "rmse", "mae", "r2"] }

  private var table: TextTable {
    let names = result.figures.map(\.name).filter(shown.contains)
    var table = TextTable([.right, .right, .right, .right] + names.map { _ in .right })
    table.add(["fold", "samples", "epochs", "loss"] + names.map(Self.words))
    for fold in result.folds {
      let figures = fold.metrics.figures
      table.add(
        ["\(fold.number)", NumberFormat.grouped(fold.evaluation.sampleCount), "\(fold.history.epochs.count)"]
          + [NumberFormat.loss(fold.evaluation.loss)]
          + names.map { name in figures.first { $0.name == name }.map { NumberFormat.fixed($0.value, 4) } ?? "–" })
    }
    return table
  }

  private var together: TextTable {
    var table = TextTable([.left, .right, .left])
    for (name, spread) in [("loss", result.loss)] + result.figures.map({ ($0.name, $0.spread) }) {
      table.add([Self.words(name), NumberFormat.fixed(spread.mean, 4), "± " + NumberFormat.fixed(spread.deviation, 4)])
    }
    return table
  }

  private static func words(_ name: String) -> String {
    switch name {
    case "rmse": "RMSE"
    case "mae": "MAE"
    case "r2": "R²"
    case "macro_f1": "macro F1"
    case "macro_roc_auc": "macro ROC-AUC"
    case "macro_pr_auc": "macro PR-AUC"
    default: name.split(separator: "_").joined(separator: " ")
    }
  }
}
