import NeuronKernels

extension FeatureStorage {
  /// Reads samples without labels from a table of numbers, column after column as features.
  ///
  /// - Throws: ``TrainingDataError`` as ``Table/csv(_:reading:workers:progress:)``, `.invalidValue` when a column holds texts, and
  ///   `.missingValue` when a cell is empty.
  public static func table(_ path: String) throws(TrainingDataError) -> FeatureStorage {
    let table = try Table.csv(path), width = table.columns.count
    if let column = table.columns.first(where: { $0.kind != .numeric }) {
      let first = column.firstText.map { ", but line \($0.line) has \($0.text.shown)" } ?? ""
      throw TrainingDataError(
        .invalidValue,
        "\(path): the column '\(column.name)' must hold numbers, as the arrays that the model learned\(first)",
        hint: "a model that was trained on a table takes texts too")
    }
    let values = try SampleStorage<Float>(count: table.rowCount * width) { (values) throws(TrainingDataError) in
      for row in 0..<table.rowCount {
        for column in 0..<width {
          guard let value = table[row, column] else {
            throw TrainingDataError(
              .missingValue, "\(table.place(ofRow: row)): column '\(table.columns[column].name)' has no value",
              hint: "a model that was trained on a table can put something in its place")
          }
          values.initializeElement(at: row * width + column, to: value)
        }
      }
    }
    return try FeatureStorage(.float32(values), featureCount: width, origin: path)
  }
}
