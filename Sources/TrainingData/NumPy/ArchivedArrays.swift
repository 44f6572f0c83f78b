/// Samples and labels in an archive of arrays (`.npz`): the file, and which two of its arrays they are.
public struct ArchivedArrays: Sendable, Hashable {
  /// The archive's path.
  public var file: String
  /// The array of the samples; nil to recognise it by its name.
  public var features: String?
  /// The array of the labels; nil to recognise it by its name.
  public var labels: String?

  /// Names an archive and the arrays in it.
  ///
  /// Arrays that are left out are recognised: `features` and `labels`, `x` and `y`, `X` and `y`, `x_train` and `y_train`,
  /// `X_train` and `y_train`, `train_images` and `train_labels`, `images` and `labels`, or `data` and `target`, in this order.
  public init(file: String, features: String? = nil, labels: String? = nil) {
    self.file = file
    self.features = features
    self.labels = labels
  }

  /// The pairs of names under which others save their sets.
  private static let usualNames = [
    ("features", "labels"), ("x", "y"), ("X", "y"), ("x_train", "y_train"), ("X_train", "y_train"),
    ("train_images", "train_labels"), ("images", "labels"), ("data", "target"),
  ]
  private static let usualTestNames = [("x_test", "y_test"), ("X_test", "y_test"), ("test_images", "test_labels")]
  private static let usualValidationNames = [
    ("x_val", "y_val"), ("X_val", "y_val"), ("x_valid", "y_valid"), ("X_valid", "y_valid"),
    ("val_images", "val_labels"),
  ]

  /// The names that come first for a part, which an archive of that part alone need not have.
  private static func names(of part: Part) -> [(String, String)] {
    switch part {
    case .training: usualNames
    case .validation: usualValidationNames + usualNames
    case .test: usualTestNames + usualNames
    }
  }

  /// What arrays are for, where only their names can tell.
  public enum Part: String, Sendable, Hashable {
    /// To be trained on.
    case training
    /// To watch a run: `x_val` and `y_val`, `X_val`, `x_valid` or `X_valid` and their labels, `val_images` and `val_labels`.
    case validation
    /// To test what came of it: `x_test` and `y_test`, `X_test` and `y_test`, `test_images` and `test_labels`.
    case test
  }
}

extension ArchivedArrays {
  /// An archive as the command line has it, `FILE.npz` or `FILE.npz:FEATURES` or `FILE.npz:FEATURES,LABELS`; nil for a text of
  /// another form.
  package init?(argument text: String) {
    guard let place = text.lastRange(of: ".npz:") else { return nil }
    let names = text[place.upperBound...].split(separator: ",", omittingEmptySubsequences: false)
    guard (1...2).contains(names.count), !names.contains(where: \.isEmpty) else { return nil }
    self.init(
      file: text[..<place.upperBound].dropLast().description, features: String(names[0]),
      labels: names.count == 2 ? String(names[1]) : nil)
  }

  /// An archive with or without names of arrays; nil for a path of another kind of file.
  package init?(recognizing text: String) throws(TrainingDataError) {
    if let archive = ArchivedArrays(argument: text) {
      self = archive
      return
    }
    guard try NPZArchive.isArchive(text) else { return nil }
    self.init(file: text)
  }

  /// The array of the samples.
  fileprivate func featureName(in archive: NPZArchive, for part: Part) throws(TrainingDataError) -> String {
    if let features { return features }
    if archive.names.count == 1 { return archive.names[0] }
    let usual = Self.names(of: part)
    if let labels {
      if let pair = usual.first(where: { $0.1 == labels && archive.names.contains($0.0) }) { return pair.0 }
    } else if let pair = usual.first(where: { archive.names.contains($0.0) && archive.names.contains($0.1) })
      ?? usual.first(where: { archive.names.contains($0.0) })
    {
      return pair.0
    }
    throw TrainingDataError(
      .unknownArray, "\(file): which array holds the samples? The arrays are \(archive.listed)",
      hint: "name it: 'features: NAME' in a configuration, FILE.npz:NAME on the command line")
  }

  /// The array of the labels that belong to these samples.
  fileprivate func labelName(in archive: NPZArchive, for featureName: String) throws(TrainingDataError) -> String {
    if let labels { return labels }
    let usual = Self.usualTestNames + Self.usualValidationNames + Self.usualNames
    if let pair = usual.first(where: { $0.0 == featureName && archive.names.contains($0.1) }) { return pair.1 }
    throw TrainingDataError(
      .unknownArray,
      "\(file): which array holds the labels of \(featureName.shown)? The arrays are \(archive.listed)",
      hint: "name it: 'labels: NAME' in a configuration, FILE.npz:FEATURES,LABELS on the command line")
  }
}

extension FeatureStorage {
  /// Reads samples without labels from an archive of arrays.
  ///
  /// Where the archive does not say which array they are, those named as a test's are preferred to those named as training's.
  /// - Throws: ``TrainingDataError`` for a file that is missing, unreadable, damaged or hostile, for an array that is not there
  ///   or holds no numbers, and for numbers that are not finite.
  public static func npz(_ arrays: ArchivedArrays) throws(TrainingDataError) -> FeatureStorage {
    let archive = try NPZArchive(path: arrays.file)
    let reader = try archive.open(arrays.featureName(in: archive, for: .test))
    return try FeatureStorage(reader.readFeatures(), featureCount: reader.width, origin: reader.path)
  }
}

extension Dataset {
  /// Reads a set from an archive of arrays (`.npz`), stored or deflated.
  ///
  /// - Parameters:
  ///   - arrays: the archive, and which of its arrays are samples and labels.
  ///   - classCount: how many classes there are; one more than the largest label when left out.
  ///   - areValues: whether labels are values to be met, whatever their type; floats always are.
  ///   - part: what the samples are for, whose usual names come first where names are recognised.
  /// - Throws: ``TrainingDataError`` as ``npy(features:labels:classCount:areValues:isMapped:)``, and for an archive that is damaged or
  ///   hostile or lacks the arrays.
  public static func npz(
    _ arrays: ArchivedArrays, classCount: Int? = nil, areValues: Bool = false, part: ArchivedArrays.Part = .training
  ) throws(TrainingDataError) -> Dataset {
    let archive = try NPZArchive(path: arrays.file)
    let name = try arrays.featureName(in: archive, for: part), features = try archive.open(name)
    let labels = try archive.open(arrays.labelName(in: archive, for: name))
    return try Dataset(features, labels: labels, classCount: classCount, areValues: areValues)
  }
}

extension String {
  /// Where a text occurs last.
  fileprivate func lastRange(of text: String) -> Range<String.Index>? {
    indices.reversed().lazy.filter { self[$0...].hasPrefix(text) }.first.map {
      $0..<self.index($0, offsetBy: text.count)
    }
  }
}
