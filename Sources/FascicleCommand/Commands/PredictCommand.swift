import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle predict`.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Answers for samples with a trained model, one line each.",
    discussion: """
      Writes CSV with a header: the class with probabilities or scores of all classes,
      the labels of a sample with theirs, or the values. Where outputs are logits, their
      softmax or sigmoid is written. The samples need no labels; DATA may be a single
      IDX or NumPy file, or a table for a model that was trained on one.

      Examples:
        fascicle predict runs/one images-idx3-ubyte.gz > answers.csv
        fascicle predict runs/passengers new.csv
        fascicle predict runs/one configs/fashion-mnist.yaml --json
      """)

  @OptionGroup var arguments: ModelArguments

  /// Rows that are answered for and written at once: more would only take memory.
  private static let rowsAtOnce = 4096

  func run() throws {
    let predictor = try arguments.makePredictor()
    let samples = try samples(for: predictor)
    let lines = AnswerLines(predictor.model)
    for first in stride(from: 0, to: samples.count, by: Self.rowsAtOnce) {
      let rows = first..<min(first + Self.rowsAtOnce, samples.count)
      let answers = try samples.answers(rows, predictor)
      // Not before there is an answer: samples that do not fit leave no output.
      if first == 0, !arguments.json { try StandardOutput.write(lines.header) }
      try StandardOutput.write(
        arguments.json ? lines.events(answers, firstRow: first) : lines.csv(answers))
    }
  }

  /// Samples of any kind, and how a run of them is answered for.
  private struct Samples {
    let count: Int
    let answers: (Range<Int>, Predictor) throws -> [Float]
  }

  /// The samples of a file: a table where the model was trained on one.
  private func features(in path: String, for model: TrainedModel) throws -> FeatureStorage {
    guard let preparation = model.preparation else { return try .recognized(path) }
    return try preparation.features(of: .file(path, for: preparation, wantsLabel: false))
  }

  private func samples(for predictor: Predictor) throws -> Samples {
    if case .file(let path) = try arguments.samplesArgument {
      let features = try features(in: path, for: predictor.model)
      return Samples(count: features.sampleCount) { rows, predictor in try predictor.predict(features, rows: rows) }
    }
    let subset = try arguments.labelledSamples(for: predictor.model)
    return Samples(count: subset.sampleCount) { rows, predictor in
      try predictor.predict(DataSubset(subset.dataset, rows: Array(subset.rows[rows])))
    }
  }
}
