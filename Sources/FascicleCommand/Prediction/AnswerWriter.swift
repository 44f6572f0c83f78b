import Fascicle

/// Writes a run of answers after the other, to standard output or to a file that takes its place whole.
///
/// Nothing is written before there is an answer: samples that do not fit leave no output.
struct AnswerWriter {
  private let lines: AnswerLines
  private let format: AnswerFormat
  private let sampleCount: Int
  /// Where answers go; nil for standard output.
  private let file: ReplacementFile?

  /// Makes the file, where one is asked for.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`.
  init(_ lines: AnswerLines, format: AnswerFormat, sampleCount: Int, path: String?) throws(ModelExchangeError) {
    self.lines = lines
    self.format = format
    self.sampleCount = sampleCount
    file = if let path { try ReplacementFile(path: path) } else { nil }
  }

  /// Writes the answers of the samples from `firstRow` on.
  func write(_ answers: [Float], firstRow: Int) throws {
    switch format {
    case .csv: try write((firstRow == 0 ? lines.header : "") + lines.csv(answers))
    case .jsonLines: try write(try lines.events(answers, firstRow: firstRow))
    case .npy:
      guard let file else { preconditionFailure("an array goes to a file") }
      if firstRow == 0 { try file.write(header) }
      try file.write(lines.numbers(answers))
    }
  }

  /// Lets the file take its place.
  func finish() throws { try file?.finish() }

  private func write(_ text: String) throws {
    if let file { try file.write(text) } else { try StandardOutput.write(text) }
  }

  /// A single number a sample makes an array of one dimension, as labels have.
  private var header: [UInt8] {
    NumberArray.npyHeader(
      shape: lines.numberCount == 1 ? [sampleCount] : [sampleCount, lines.numberCount], type: "<f4")
  }
}
