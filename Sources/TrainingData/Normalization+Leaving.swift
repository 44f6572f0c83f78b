extension DataSubset {
  /// The same as ``transform(for:)``, but columns that hold category numbers stay as they are and are not measured.
  ///
  /// - Throws: `.emptyDataset` when there are no rows.
  package func transform(
    for normalization: Normalization, leaving columns: Set<Int>
  ) throws(TrainingDataError) -> FeatureTransform {
    guard !columns.isEmpty else { return try transform(for: normalization) }
    let features = dataset.features
    let measured = (0..<features.featureCount).filter { !columns.contains($0) }
    let identity = FeatureTransform.identity(featureCount: features.featureCount)
    guard !measured.isEmpty, normalization != .none else { return identity }
    // The measured columns by themselves: a copy, made once, of what comes bit by bit from elsewhere in any case.
    var values: [Float] = []
    values.reserveCapacity(sampleCount * measured.count)
    for row in rows { for column in measured { values.append(features[sample: Int(row), feature: column]) } }
    let part = try Dataset(
      features: values, featureCount: measured.count, labels: [Int](repeating: 0, count: sampleCount), classCount: 1,
      name: dataset.name)
    // Bytes are divided by what a byte can hold, also where they are copied as floats.
    let isByte = features.elementType == .uint8 && normalization == .unit
    let found =
      isByte
      ? FeatureTransform.standardizing(mean: 0, deviation: 255, featureCount: measured.count)
      : try DataSubset(allOf: part).transform(for: normalization)
    var scale = identity.scale, shift = identity.shift
    for (place, column) in measured.enumerated() {
      scale[column] = found.scale[place]
      shift[column] = found.shift[place]
    }
    return try FeatureTransform(scale: scale, shift: shift)
  }
}
