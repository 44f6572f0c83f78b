extension FeatureStorage {
  /// Measures each feature by itself over some rows, with figures that need all of its values together.
  ///
  /// - Parameter valueLimit: values that are in memory at once, 64 MiB of them unless told otherwise.
  /// - Precondition: there is a row, and every row exists (the caller checks).
  /// - Complexity: a pass over the rows for every few features, and a sort of each feature whose
  ///   quartiles are asked for.
  package func scales(
    _ scaling: ColumnRecipe.Scaling, rows: [UInt32], valueLimit: Int = 1 << 23
  ) -> [PreparedScale] {
    let step = max(1, valueLimit / rows.count)
    return stride(from: 0, to: featureCount, by: step).flatMap { first in
      let measured = first..<min(first + step, featureCount)
      var values = measured.map { _ in [Double]() }
      for index in values.indices { values[index].reserveCapacity(rows.count) }
      forEachRow(rows) { row in
        for feature in measured { values[feature - first].append(row[feature]) }
      }
      return values.map { PreparedScale(scaling, of: $0) }
    }
  }
}
