extension FeatureStorage {
  /// Reads samples without labels from an IDX file, plain or compressed with gzip.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, cut short, damaged or empty.
  public static func idx(_ path: String) throws(TrainingDataError) -> FeatureStorage {
    let reader = try IDXReader(path: path), header = reader.header
    return try FeatureStorage(
      reader.readFeatures(), featureCount: header.elementCount / header.sampleCount, origin: path)
  }
}
