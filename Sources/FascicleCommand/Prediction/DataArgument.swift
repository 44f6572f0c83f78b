import ArgumentParser
import Fascicle
import RunConfiguration

/// The samples that `evaluate` and `predict` are asked about.
enum DataArgument {
  /// What a configuration says of its data; a part of it.
  case configuration(String)
  /// A pair of IDX files.
  case pair(images: String, labels: String)
  /// A table, with or without its label's column, an archive of arrays, or a file of samples without labels; the model and
  /// the file tell which.
  case file(String)

  static let help = ArgumentHelp(
    "A configuration (.yaml, .yml) that names data, a CSV file for a model that was trained on one, IDX or NumPy files: IMAGES,LABELS, or an archive: FILE.npz or FILE.npz:FEATURES,LABELS. Without it, the configuration that "
      + "training left in MODEL.",
    valueName: "DATA")

  /// Reads the argument: a comma stands between two files, an ending in yaml or yml makes a configuration.
  init(_ text: String?, model: String) throws {
    guard let text else {
      self = .configuration("\(model)/config.yaml")
      return
    }
    if ArchivedArrays(argument: text) != nil {
      self = .file(text)
      return
    }
    let files = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    switch files.count {
    case 1 where text.hasSuffix(".yaml") || text.hasSuffix(".yml"): self = .configuration(text)
    case 1: self = .file(text)
    case 2 where !files[0].isEmpty && !files[1].isEmpty: self = .pair(images: files[0], labels: files[1])
    default: throw ValidationError("DATA must be a configuration or IMAGES,LABELS, but is '\(text)'")
    }
  }
}

/// A part of a configuration's data.
enum DataPart: String, CaseIterable, ExpressibleByArgument {
  case test, validation, training

  /// The part's samples; a hint tells where the configuration could hold some out.
  func samples(of data: RunData, configuration: String) throws -> DataSubset {
    let part: DataSubset? =
      switch self {
      case .test: data.test
      case .validation: data.validation
      case .training: data.training
      }
    if let part { return part }
    throw TrainingDataError(
      .emptyDataset, "\(configuration): no samples are held out for \(rawValue)",
      hint: self == .test ? "name a test set (data.test), or choose another --part" : "choose another --part")
  }
}
