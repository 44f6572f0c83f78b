import NeuronKernels
import PerceptronModel
import TrainingData

/// Finds values in the columns of embeddings that are no categories.
struct CategoryCheck {
  private let program: NetworkProgram

  /// Nil where the network embeds nothing, so that nobody reads the data for it.
  init?(_ program: NetworkProgram) {
    guard program.stages[0].operation.embedded != nil else { return nil }
    self.program = program
  }

  /// The error for the first value that is none; nil when all are.
  ///
  /// - Parameter value: a feature of a row, as it was measured.
  func refusal(
    rowCount: Int, code: TrainingRuntimeError.Code, name: String?, row number: (Int) -> Int,
    value: (_ row: Int, _ column: Int) -> Float
  ) -> TrainingRuntimeError? {
    for stage in program.stages.indices {
      guard let (column, categories) = program.stages[stage].operation.embedded else { break }
      for row in 0..<rowCount {
        let value = value(row, column)
        if value >= 0, value < Float(categories), value == value.rounded(.down) { continue }
        return TrainingRuntimeError(
          code: code,
          message: (name.map { "\($0): " } ?? "")
            + "column \(column) of row \(number(row)) is \(value), but \(program.stageNames[stage]) takes whole numbers "
            + "from 0 to \(categories - 1)",
          hint: "number the categories from 0 on, or raise 'categories'")
      }
    }
    return nil
  }
}

extension Trainer {
  /// Refuses rows whose categories are none.
  func requireCategories(of data: DataSubset) throws(TrainingRuntimeError) {
    let features = data.dataset.features
    let refusal = CategoryCheck(program)?.refusal(
      rowCount: data.sampleCount, code: .dataMismatch, name: data.dataset.name, row: { Int(data.rows[$0]) },
      value: { features[sample: Int(data.rows[$0]), feature: $1] })
    if let refusal { throw refusal }
  }

  /// What a normalization does with the features of `rows`; categories stay as they are.
  func measuredTransform(of rows: DataSubset) throws(TrainingDataError) -> FeatureTransform {
    try rows.transform(for: normalization, leaving: Set(program.embeddedColumns.map(\.column)))
  }
}

extension Predictor {
  /// Refuses rows whose categories are none.
  func requireCategories(of input: PredictionInput) throws(TrainingRuntimeError) {
    let features = featureCount, indices = input.indices
    func row(_ number: Int) -> Int { indices.map { Int($0[number]) } ?? number }
    let refusal = CategoryCheck(model.parameters.program)?.refusal(
      rowCount: input.rowCount, code: .modelMismatch, name: nil, row: row,
      value: { number, column in
        let place = row(number) * features + column
        return input.element == .uint8
          ? Float(input.data.assumingMemoryBound(to: UInt8.self)[place])
          : input.data.assumingMemoryBound(to: Float.self)[place]
      })
    if let refusal { throw refusal }
  }
}
