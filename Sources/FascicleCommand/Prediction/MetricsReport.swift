import Fascicle

/// The metrics of an evaluation, for people and as JSON.
struct MetricsReport {
  let metrics: Metrics
  let classNames: [String]?

  /// More classes than this make a matrix that nobody reads.
  private static let confusionLimit = 20
  /// More rows than this would push the summary off the screen.
  private static let rowLimit = 50

  // MARK: - Text

  /// Adds a line for each figure, and tables of the classes or targets.
  func add(to lines: inout LabelledLines) {
    switch metrics {
    case .classification(let metrics):
      add(metrics, to: &lines)
    case .multiLabel(let metrics):
      lines.add("accuracy", "\(NumberFormat.percent(metrics.accuracy)) of labels")
      lines.add("", "\(NumberFormat.percent(metrics.exactMatch)) of samples with every label right")
      addMeans(
        [metrics.macroPrecision, metrics.macroRecall, metrics.macroF1], metrics.macroROCAUC, metrics.macroPRAUC,
        to: &lines)
      lines.addBlank()
      lines.add("labels", figures(metrics.labels, of: "label"))
    case .regression(let metrics):
      lines.add("RMSE", NumberFormat.loss(metrics.rootMeanSquaredError))
      lines.add("MAE", NumberFormat.loss(metrics.meanAbsoluteError))
      lines.add("R²", NumberFormat.fixed(metrics.r2, 4))
      guard metrics.targets.count > 1 else { return }
      var table = TextTable([.right, .right, .right, .right])
      table.add(["target", "RMSE", "MAE", "R²"])
      for (index, target) in metrics.targets.prefix(Self.rowLimit).enumerated() {
        table.add([
          "\(index)", NumberFormat.loss(target.rootMeanSquaredError), NumberFormat.loss(target.meanAbsoluteError),
          NumberFormat.fixed(target.r2, 4),
        ])
      }
      lines.addBlank()
      lines.add("targets", table.lines + Self.rest(metrics.targets.count))
    }
  }

  private func add(_ metrics: ClassificationMetrics, to lines: inout LabelledLines) {
    lines.add("accuracy", NumberFormat.percent(metrics.accuracy))
    if let k = metrics.k { lines.add("top \(k)", NumberFormat.percent(metrics.topKAccuracy)) }
    addMeans(
      [metrics.macroPrecision, metrics.macroRecall, metrics.macroF1], metrics.macroROCAUC, metrics.macroPRAUC,
      to: &lines)
    if let logLoss = metrics.logLoss { lines.add("log loss", NumberFormat.loss(logLoss)) }
    if let error = metrics.expectedCalibrationError {
      lines.add("calibration", "off by \(NumberFormat.percent(error)) (expected calibration error)")
    }
    lines.addBlank()
    lines.add("classes", figures(metrics.classes, of: "class"))
    guard metrics.confusion.classCount <= Self.confusionLimit else { return }
    lines.addBlank()
    lines.add("confusion", confusion(metrics.confusion))
  }

  private func addMeans(_ means: [Double], _ rocAUC: Double?, _ prAUC: Double?, to lines: inout LabelledLines) {
    let names = ["precision", "recall", "F1"]
    lines.add("macro", zip(names, means).map { "\($0) \(NumberFormat.fixed($1, 4))" }.joined(separator: ", "))
    let areas = [("ROC-AUC", rocAUC), ("PR-AUC", prAUC)].compactMap { name, area in
      area.map { "\(name) \(NumberFormat.fixed($0, 4))" }
    }
    if !areas.isEmpty { lines.add("", areas.joined(separator: ", ")) }
  }

  private func figures(_ rows: [ClassificationMetrics.ClassFigures], of what: String) -> [String] {
    var table = TextTable([.left, .right, .right, .right, .right, .right, .right])
    table.add([what, "samples", "precision", "recall", "F1", "ROC-AUC", "PR-AUC"])
    func number(_ value: Double?) -> String { value.map { NumberFormat.fixed($0, 4) } ?? "–" }
    for (index, row) in rows.prefix(Self.rowLimit).enumerated() {
      table.add([
        name(index), NumberFormat.grouped(row.sampleCount), number(row.precision), number(row.recall), number(row.f1),
        number(row.rocAUC), number(row.prAUC),
      ])
    }
    return table.lines + Self.rest(rows.count)
  }

  private static func rest(_ count: Int) -> [String] {
    count > rowLimit ? ["… and \(count - rowLimit) more, which --json lists"] : []
  }

  private func confusion(_ matrix: ConfusionMatrix) -> [String] {
    let classes = 0..<matrix.classCount
    var table = TextTable([.left] + classes.map { _ in .right })
    table.add(["right \\ answered"] + classes.map(name))
    for actual in classes {
      table.add([name(actual)] + classes.map { NumberFormat.grouped(matrix[actual: actual, predicted: $0]) })
    }
    return table.lines
  }

  private func name(_ index: Int) -> String { classNames?[index] ?? "\(index)" }

  // MARK: - JSON

  /// The figures as an object; `kind` says which there are.
  var json: JSONValue {
    switch metrics {
    case .classification(let metrics):
      let matrix = metrics.confusion, classes = 0..<matrix.classCount
      return .object([
        "kind": .text("classification"), "accuracy": .number(metrics.accuracy),
        "k": metrics.k.map { .whole($0) } ?? .number(nil), "top_k_accuracy": .number(metrics.topKAccuracy),
        "macro_precision": .number(metrics.macroPrecision), "macro_recall": .number(metrics.macroRecall),
        "macro_f1": .number(metrics.macroF1), "macro_roc_auc": .number(metrics.macroROCAUC),
        "macro_pr_auc": .number(metrics.macroPRAUC), "log_loss": .number(metrics.logLoss),
        "expected_calibration_error": .number(metrics.expectedCalibrationError),
        "classes": .list(metrics.classes.map(Self.json)),
        "confusion": .list(
          classes.map { actual in .list(classes.map { .whole(matrix[actual: actual, predicted: $0]) }) }),
      ])
    case .multiLabel(let metrics):
      return .object([
        "kind": .text("multi_label"), "accuracy": .number(metrics.accuracy), "exact_match": .number(metrics.exactMatch),
        "macro_precision": .number(metrics.macroPrecision), "macro_recall": .number(metrics.macroRecall),
        "macro_f1": .number(metrics.macroF1), "macro_roc_auc": .number(metrics.macroROCAUC),
        "macro_pr_auc": .number(metrics.macroPRAUC), "labels": .list(metrics.labels.map(Self.json)),
      ])
    case .regression(let metrics):
      return .object([
        "kind": .text("regression"), "rmse": .number(metrics.rootMeanSquaredError),
        "mae": .number(metrics.meanAbsoluteError), "r2": .number(metrics.r2),
        "targets": .list(
          metrics.targets.map { target in
            .object([
              "rmse": .number(target.rootMeanSquaredError), "mae": .number(target.meanAbsoluteError),
              "r2": .number(target.r2),
            ])
          }),
      ])
    }
  }

  private static func json(_ row: ClassificationMetrics.ClassFigures) -> JSONValue {
    .object([
      "samples": .whole(row.sampleCount), "precision": .number(row.precision), "recall": .number(row.recall),
      "f1": .number(row.f1), "roc_auc": .number(row.rocAUC), "pr_auc": .number(row.prAUC),
    ])
  }
}
