extension DataSubset {
  /// What the chosen rows' values are to be moved and divided by before a network learns them: a scale for each target.
  ///
  ///     let parts = try data.split(validationFraction: 0.2, seed: 1)
  ///     let scales = try parts.training.targetScales(.standardize)
  ///     let scaled = try data.scalingTargets(by: scales)
  ///
  /// - Parameter scaling: which of the values' figures make the scale.
  /// - Throws: `.invalidArgument` where the targets are classes, `.emptyDataset` where no row was chosen.
  /// - Complexity: O(rows · targets); `robust` sorts.
  public func targetScales(_ scaling: ColumnRecipe.Scaling) throws(TrainingDataError) -> [PreparedScale] {
    guard case .values(let width, let values) = dataset.targets else {
      throw TrainingDataError(
        .invalidArgument, "\(dataset.name): the labels are classes, which cannot be scaled",
        hint: "scale labels that are numbers to be met, or leave them")
    }
    guard !isEmpty else {
      throw TrainingDataError(.emptyDataset, "\(dataset.name): expected at least one row to measure, got none")
    }
    return (0..<width).map { column in
      PreparedScale(scaling, of: rows.map { Double(values[Int($0), column]) })
    }
  }
}

extension Dataset {
  /// The same samples with values that are moved and divided, as a network learns them best; features are shared.
  ///
  /// - Parameter scales: a scale for each target, as ``DataSubset/targetScales(_:)`` measures them; nil for the samples as
  ///   they are.
  /// - Throws: `.invalidArgument` where the targets are classes or have another number of values, `.outOfMemory`.
  public func scalingTargets(by scales: [PreparedScale]?) throws(TrainingDataError) -> Dataset {
    guard let scales else { return self }
    guard case .values(let width, let values) = targets, width == scales.count else {
      throw TrainingDataError(
        .invalidArgument, "\(name): expected samples with \(scales.count) values to scale, got \(targets.shown)")
    }
    let scaled = (0..<sampleCount * width).map { place in
      scales[place % width](Double(values.storage.baseAddress[place]))
    }
    return Dataset(self, targets: try .values(scaled, width: width, origin: name))
  }
}

extension Targets {
  fileprivate var shown: String {
    switch self {
    case .classes(let count, _): "\(count) classes"
    case .values(let width, _): "\(width)"
    }
  }
}
