extension FeatureStorage {
  /// Reads samples without labels from a NumPy array: the first dimension counts them, the others are the shape of one.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, cut short or damaged, holds no numbers, or a number
  ///   that is not finite.
  public static func npy(_ path: String) throws(TrainingDataError) -> FeatureStorage {
    let reader = try NPYReader(path: path)
    return try FeatureStorage(reader.readFeatures(), featureCount: reader.width, origin: path)
  }

  /// Reads samples without labels from a file whose first bytes say that it is IDX or a NumPy array, plain or with gzip, an
  /// archive of arrays, or a table of numbers.
  ///
  /// - Throws: ``TrainingDataError`` as ``idx(_:)``, ``npy(_:)``, ``npz(_:)`` and ``table(_:)``.
  public static func recognized(_ path: String) throws(TrainingDataError) -> FeatureStorage {
    if let archive = try ArchivedArrays(recognizing: path) { return try npz(archive) }
    let start = try FileStart(path: path)
    if start.isNPY { return try npy(path) }
    if start.isText { return try table(path) }
    guard start.mayBeIDX else {
      throw .unrecognized(path, expected: "samples as IDX, NumPy arrays or a table of numbers")
    }
    return try idx(path)
  }
}

extension TrainingDataError {
  /// The first bytes are those of no file that is read here.
  fileprivate static func unrecognized(_ path: String, expected: String) -> TrainingDataError {
    TrainingDataError(
      .unrecognizedFormat, "\(path): expected \(expected), got something else",
      hint: "'fascicle inspect \(path)' tells what it is")
  }
}

extension Dataset {
  /// Reads a set from a pair of files whose first bytes say that they are IDX or NumPy arrays.
  ///
  /// - Throws: ``TrainingDataError`` as ``idx(images:labels:classCount:isMapped:)`` and ``npy(features:labels:classCount:areValues:isMapped:)``.
  public static func recognized(
    features: String, labels: String, classCount: Int? = nil, areValues: Bool = false
  ) throws(TrainingDataError) -> Dataset {
    let start = try FileStart(path: features)
    if start.isNPY { return try npy(features: features, labels: labels, classCount: classCount, areValues: areValues) }
    guard start.mayBeIDX else { throw .unrecognized(features, expected: "samples as IDX or NumPy arrays") }
    return try idx(images: features, labels: labels, classCount: classCount)
  }

  /// Reads a set from a pair of NumPy arrays (`.npy`, versions 1 to 3, plain or with gzip).
  ///
  /// Bytes stay bytes in memory; all other numbers become `Float`. Arrays of objects are refused, for reading them can run code.
  /// - Parameters:
  ///   - features: the path of the features; the first dimension counts the samples.
  ///   - labels: the path of the labels: whole numbers from 0, one a sample, or rows of values to be met.
  ///   - classCount: how many classes there are; one more than the largest label when left out.
  ///   - areValues: whether labels are values to be met, whatever their type; floats always are.
  ///   - isMapped: whether the features stay in their file, which may then be larger than memory; they must be bytes or
  ///     little-endian 32-bit floats, row by row and not compressed.
  /// - Throws: ``TrainingDataError`` when a file is missing, unreadable, cut short or damaged, when the numbers of samples
  ///   differ, when a label is out of range, or when features can't be mapped.
  public static func npy(
    features: String, labels: String, classCount: Int? = nil, areValues: Bool = false, isMapped: Bool = false
  ) throws(TrainingDataError) -> Dataset {
    try Dataset(
      NPYReader(path: features), labels: NPYReader(path: labels), classCount: classCount, areValues: areValues,
      isMapped: isMapped)
  }

  /// Reads a set from two arrays that are open.
  init(
    _ featureReader: NPYReader, labels labelReader: NPYReader, classCount: Int?, areValues: Bool, isMapped: Bool = false
  ) throws(TrainingDataError) {
    let features = featureReader.path, labels = labelReader.path
    guard featureReader.sampleCount == labelReader.sampleCount else {
      throw TrainingDataError(
        .countMismatch,
        "expected as many labels as samples, got \(featureReader.sampleCount) samples in \(features) and "
          + "\(labelReader.sampleCount) labels in \(labels)",
        hint: "do both files belong to the same set?")
    }
    let values = try isMapped ? featureReader.mapFeatures() : featureReader.readFeatures()
    let storage = try FeatureStorage(values, featureCount: featureReader.width, origin: features)
    let targets: Targets
    // Several numbers a sample are no label: one-hot rows, or a 0 or 1 for each of several labels.
    if areValues || !labelReader.header.elementType.isWhole || labelReader.width > 1 {
      let values = try labelReader.readFloats()
      try values.requireFinite(width: labelReader.width, what: "target", origin: labels)
      targets = .values(width: labelReader.width, rows: TargetRows(storage: values, width: labelReader.width))
    } else {
      targets = try .classes(labelReader.readLabels(), classCount: classCount, origin: labels)
    }
    try self.init(name: features, features: storage, targets: targets, featureShape: featureReader.sampleShape)
  }
}
