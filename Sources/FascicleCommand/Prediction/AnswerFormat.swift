import ArgumentParser

/// How answers are written.
enum AnswerFormat {
  /// A header and a line for each sample.
  case csv
  /// An event for each sample.
  case jsonLines
  /// An array of single precision, a row for each sample.
  case npy

  /// The format that the ending of a file's name asks for.
  ///
  /// - Throws: `ValidationError` for another ending.
  init(endingOf path: String) throws {
    if path.hasSuffix(".csv") {
      self = .csv
    } else if path.hasSuffix(".jsonl") {
      self = .jsonLines
    } else if path.hasSuffix(".npy") {
      self = .npy
    } else {
      throw ValidationError("--output must end in .csv, .jsonl or .npy, but is '\(path)'")
    }
  }
}
