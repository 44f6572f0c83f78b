extension Dataset {
  /// Reads a classification set from a pair of IDX files, the format of MNIST; either may be compressed with gzip.
  ///
  /// The first dimension of the images counts the samples, the others are the shape of one. Bytes stay bytes in
  /// memory; the other IDX types become `Float`. Labels may be of any integer type.
  /// - Parameters:
  ///   - images: the path of the features.
  ///   - labels: the path of the labels, which have a single dimension.
  ///   - classCount: how many classes there are; one more than the largest label when left out. Give it for a test
  ///     set, which may lack the last class.
  ///   - isMapped: whether the images stay in their file, which may then be larger than memory; they must be bytes, and not
  ///     compressed.
  /// - Throws: ``TrainingDataError`` when a file is missing, unreadable, cut short, damaged or empty, when the numbers
  ///   of images and labels differ, when a label is out of range, or when images can't be mapped.
  public static func idx(
    images: String, labels: String, classCount: Int? = nil, isMapped: Bool = false
  ) throws(TrainingDataError) -> Dataset {
    let imageReader = try IDXReader(path: images)
    let labelReader = try IDXReader(path: labels)
    try requireLabelsMatch(imageReader, labelReader)

    let header = imageReader.header
    let values = try isMapped ? imageReader.mapFeatures() : imageReader.readFeatures()
    let features = try FeatureStorage(
      values, featureCount: header.elementCount / header.sampleCount, origin: images)
    let targets = try Targets.classes(labelReader.readLabels(), classCount: classCount, origin: labels)
    return try Dataset(name: images, features: features, targets: targets, featureShape: header.sampleShape)
  }

  /// Compares the two headers, before any element is read.
  private static func requireLabelsMatch(_ images: IDXReader, _ labels: IDXReader) throws(TrainingDataError) {
    guard labels.header.dimensions.count == 1 else {
      throw TrainingDataError(
        .invalidHeader, "\(labels.path): expected labels in one dimension, got \(labels.header.dimensions.asShape)",
        hint: images.header.dimensions.count == 1 ? "were images and labels swapped?" : nil)
    }
    guard images.header.sampleCount == labels.header.sampleCount else {
      throw TrainingDataError(
        .countMismatch,
        "expected as many labels as images, got \(images.header.sampleCount) images in \(images.path) and "
          + "\(labels.header.sampleCount) labels in \(labels.path)",
        hint: "do both files belong to the same set?")
    }
  }
}
