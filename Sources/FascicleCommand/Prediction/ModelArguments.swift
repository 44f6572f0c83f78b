import ArgumentParser
import Fascicle
import RunConfiguration

/// The arguments of commands that ask a trained model.
struct ModelArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The folder that 'fascicle train --output' wrote.", valueName: "MODEL"))
  var model: String

  @Argument(help: DataArgument.help)
  var data: String?

  @Option(help: "Which part of a configuration's data: test, validation or training.")
  var part = DataPart.test

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many workers; auto takes as many as the budget allows.", valueName: "N|auto"))
  var workers = "auto"

  @Flag(help: "Write JSON to standard output, one event a line.")
  var json = false

  func validate() throws {
    _ = try WorkerOption.request(workers)
    _ = try samplesArgument
  }

  var samplesArgument: DataArgument { get throws { try DataArgument(data, model: model) } }

  /// The model, ready to answer.
  func makePredictor() throws -> Predictor {
    try Predictor(folder: model, runtime: RuntimeSettings(workers: WorkerOption.request(workers)))
  }

  /// Samples with what they should be answered with.
  func labelledSamples(for model: TrainedModel) throws -> DataSubset {
    switch try samplesArgument {
    case .configuration(let path):
      // The model's own network is the one to fit, whatever the configuration says of one.
      return try part.samples(of: RunConfiguration.load(path: path).loadData(for: model), configuration: path)
    case .pair(let images, let labels):
      try model.preparation?.refuseArrays("arrays")
      return DataSubset(
        allOf: try Dataset.recognized(
          features: images, labels: labels, classCount: Self.classCount(model),
          areValues: Self.labelsAreValues(model)
        ).scalingTargets(by: model.answerScales()))
    case .file(let path):
      if model.preparation == nil, let arrays = try ArchivedArrays(recognizing: path) {
        return DataSubset(
          allOf: try Dataset.npz(
            arrays, classCount: Self.classCount(model), areValues: Self.labelsAreValues(model), part: .test
          ).scalingTargets(by: model.answerScales()))
      }
      guard let preparation = model.preparation else { throw Self.missingLabels(path) }
      return DataSubset(allOf: try preparation.dataset(of: .file(path, for: preparation, wantsLabel: true)))
    }
  }

  /// A single output tells two classes apart.
  private static func classCount(_ model: TrainedModel) -> Int { model.outputCount == 1 ? 2 : model.outputCount }

  private static func labelsAreValues(_ model: TrainedModel) -> Bool {
    !model.loss.acceptsLabels || !model.loss.learnsClasses && model.outputCount == 1
  }

  static func missingLabels(_ path: String) -> ValidationError {
    ValidationError(
      "DATA must have labels to compare with: expected a configuration or IMAGES,LABELS, but is '\(path)'")
  }

  /// What reports call the samples.
  var dataTitle: String {
    get throws {
      switch try samplesArgument {
      case .configuration(let path): "\(part.rawValue) samples of \(path)"
      case .pair(let images, _), .file(let images): images
      }
    }
  }
}
