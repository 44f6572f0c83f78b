import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures a trained model: loss, accuracy and other metrics.",
    discussion: """
      Examples:
        fascicle train --output runs/one && fascicle evaluate runs/one
        fascicle evaluate runs/one configs/fashion-mnist.yaml --part validation
        fascicle evaluate runs/passengers passengers.csv
        fascicle evaluate runs/one images-idx3-ubyte.gz,labels-idx1-ubyte.gz --json
      """)

  @OptionGroup var arguments: ModelArguments

  @Option(
    help: ArgumentHelp(
      "How many of the highest scores may hold the right class; 5 or one less than there are classes, if left out.",
      valueName: "K"))
  var topK: Int?

  func validate() throws {
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1, but is \(topK)") }
  }

  func run() throws {
    let predictor = try arguments.makePredictor()
    let samples = try arguments.labelledSamples(for: predictor.model)
    let evaluation = try predictor.evaluate(samples)
    let report = EvaluationReport(
      model: arguments.model, data: try arguments.dataTitle, predictor: predictor, evaluation: evaluation,
      metrics: MetricsReport(
        metrics: try predictor.metrics(on: samples, k: topK),
        classNames: predictor.model.classNames ?? predictor.model.preparation?.classNames))
    try StandardOutput.write(arguments.json ? report.event.line() : report.text)
  }
}

/// What came of an evaluation.
struct EvaluationReport {
  let model: String
  let data: String
  let predictor: Predictor
  let evaluation: Evaluation
  let metrics: MetricsReport

  var text: String {
    var lines = LabelledLines()
    lines.add("model", "\(model): \(predictor.model.network)")
    lines.add("data", "\(data), \(NumberFormat.grouped(evaluation.sampleCount)) samples")
    lines.add("loss", NumberFormat.loss(evaluation.loss))
    metrics.add(to: &lines)
    return lines.text
  }

  /// `evaluation`.
  var event: JSONEvent {
    JSONEvent(
      name: "evaluation",
      fields: [
        "model": .text(model), "data": .text(data), "loss": .number(evaluation.loss),
        "accuracy": .number(evaluation.accuracy), "samples": .whole(evaluation.sampleCount),
        "metrics": metrics.json, "workers": .whole(predictor.workerCount),
        "weights_sha256": .text(predictor.model.weightsSHA256()),
      ])
  }
}
