extension Dataset {
  /// The same samples, each counting in the loss as often as a column of the table says that they came from.
  ///
  /// - Throws: ``TrainingDataError`` `.missingValue` at the first row without a weight, and what ``withSampleWeights(_:)`` refuses;
  ///   `.unknownColumn` when there is no such column, `.invalidArgument` when it holds no numbers.
  public func withWeights(from column: String, of table: Table) throws(TrainingDataError) -> Dataset {
    guard let index = table.column(named: column) else {
      throw .unknownColumn(column, of: table.columnNames, path: table.name)
    }
    guard table.columns[index].kind == .numeric else {
      throw TrainingDataError(.invalidArgument, "\(table.name): the weights in column '\(column)' must be numbers")
    }
    var weights: [Float] = []
    weights.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      guard let weight = table[row, index] else {
        throw TrainingDataError(
          .missingValue, "\(table.place(ofRow: row)): column '\(column)' has no weight",
          hint: "a weight of 0 leaves a row out")
      }
      weights.append(weight)
    }
    return try withSampleWeights(weights)
  }
}
