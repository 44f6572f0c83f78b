import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures the loss and accuracy of a trained model.",
    discussion: """
      Examples:
        fascicle train --output runs/one && fascicle evaluate runs/one
        fascicle evaluate runs/one configs/fashion-mnist.yaml --part validation
        fascicle evaluate runs/one images-idx3-ubyte.gz,labels-idx1-ubyte.gz --json
      """)

  @OptionGroup var arguments: ModelArguments

  func validate() throws {
    if case .images(let path) = try arguments.samplesArgument { throw ModelArguments.missingLabels(path) }
  }

  func run() throws {
    let predictor = try arguments.makePredictor()
    let samples = try arguments.labelledSamples(for: predictor.model)
    let evaluation = try predictor.evaluate(samples)
    let report = EvaluationReport(
      model: arguments.model, data: try arguments.dataTitle, predictor: predictor, evaluation: evaluation)
    try StandardOutput.write(arguments.json ? report.event.line() : report.text)
  }
}

/// What came of an evaluation.
struct EvaluationReport {
  let model: String
  let data: String
  let predictor: Predictor
  let evaluation: Evaluation

  var text: String {
    var lines = LabelledLines()
    lines.add("model", "\(model): \(predictor.model.network)")
    lines.add("data", "\(data), \(NumberFormat.grouped(evaluation.sampleCount)) samples")
    lines.add("loss", NumberFormat.loss(evaluation.loss))
    if let accuracy = evaluation.accuracy { lines.add("accuracy", NumberFormat.percent(accuracy)) }
    return lines.text
  }

  /// `evaluation`.
  var event: JSONEvent {
    JSONEvent(
      name: "evaluation",
      fields: [
        "model": .text(model), "data": .text(data), "loss": .number(evaluation.loss),
        "accuracy": .number(evaluation.accuracy), "samples": .whole(evaluation.sampleCount),
        "workers": .whole(predictor.workerCount), "weights_sha256": .text(predictor.model.weightsSHA256()),
      ])
  }
}
