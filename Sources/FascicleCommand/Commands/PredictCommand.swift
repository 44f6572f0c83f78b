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
      softmax or sigmoid is written. With --output the ending says how: .csv, .jsonl, or
      .npy, an array of the probabilities, scores or values alone. The samples need no
      labels; DATA may be a single IDX or NumPy file, a table of numbers in the order of
      the features, or a table for a model that was trained on one.

      Examples:
        fascicle predict runs/one images-idx3-ubyte.gz > answers.csv
        fascicle predict runs/one x_test.npy --output probabilities.npy
        fascicle predict runs/passengers new.csv
        fascicle predict runs/one configs/fashion-mnist.yaml --json
      """)

  @OptionGroup var arguments: ModelArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write in place of standard output: .csv, .jsonl or .npy.", valueName: "FILE"))
  var output: String?

  func validate() throws {
    guard let output else { return }
    if case .jsonLines = try AnswerFormat(endingOf: output) { return }
    if arguments.json { throw ValidationError("--json writes .jsonl, but --output is '\(output)'") }
  }

  /// Rows that are answered for and written at once: more would only take memory.
  private static let rowsAtOnce = 4096

  func run() throws {
    let predictor = try arguments.makePredictor()
    let samples = try samples(for: predictor)
    let format = try output.map(AnswerFormat.init(endingOf:)) ?? (arguments.json ? .jsonLines : .csv)
    let writer = try AnswerWriter(
      AnswerLines(predictor.model), format: format, sampleCount: samples.count, path: output)
    var strangers = AnswersWithoutNumber()
    for first in stride(from: 0, to: samples.count, by: Self.rowsAtOnce) {
      let rows = first..<min(first + Self.rowsAtOnce, samples.count)
      let answers = try samples.answers(rows, predictor)
      strangers.look(at: answers, of: rows)
      try writer.write(answers, firstRow: first)
    }
    try writer.finish()
    if let warning = strangers.warning { StandardError.write("warning: \(warning)\n") }
    if let output { StandardError.write("\(output): answers for \(NumberFormat.grouped(samples.count)) samples\n") }
  }

  /// Samples of any kind, and how a run of them is answered for.
  private struct Samples {
    let count: Int
    let answers: (Range<Int>, Predictor) throws -> [Float]
  }

  /// Samples whose answers are NaN or infinite, as values near the end of single precision make them.
  private struct AnswersWithoutNumber {
    private var count = 0
    private var first: Int?

    mutating func look(at answers: [Float], of rows: Range<Int>) {
      let width = answers.count / rows.count
      for (index, row) in rows.enumerated()
      where !answers[index * width..<(index + 1) * width].allSatisfy(\.isFinite) {
        count += 1
        first = first ?? row
      }
    }

    var warning: String? {
      first.map {
        "\(count == 1 ? "an answer has" : "\(NumberFormat.grouped(count)) answers have") numbers that are not finite, the first "
          + "for sample \($0); are there values in it that are far from those of training?"
      }
    }
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
