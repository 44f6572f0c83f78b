import NeuronKernels

extension TablePreparation {
  /// The features of every row, as the network takes them.
  ///
  /// - Throws: ``TrainingDataError`` at the first value that is missing or unknown and for which nothing stands, with its row
  ///   and column; `.columnMismatch` when a column is missing or of another kind.
  public func features(of table: Table) throws(TrainingDataError) -> FeatureStorage {
    var writers: [ColumnWriter] = []
    var firstFeature = 0
    for (position, column) in columns.enumerated() {
      writers.append(try ColumnWriter(column, of: table, near: position, firstFeature: firstFeature))
      firstFeature += column.featureCount
    }
    let featureCount = firstFeature
    let (count, overflows) = table.rowCount.multipliedReportingOverflow(by: featureCount)
    guard !overflows else {
      throw TrainingDataError(.outOfMemory, "\(table.name): no memory for \(featureCount) features of each row")
    }
    let values = try SampleStorage<Float>(count: count) { (values) throws(TrainingDataError) in
      values.initialize(repeating: 0)
      for row in 0..<table.rowCount {
        let features = UnsafeMutableBufferPointer(rebasing: values[row * featureCount..<(row + 1) * featureCount])
        for writer in writers { try writer.write(row, of: table, to: features) }
      }
    }
    return try FeatureStorage(.float32(values), featureCount: featureCount, origin: table.name)
  }

  /// Features and targets of every row.
  public func dataset(of table: Table) throws(TrainingDataError) -> Dataset {
    try Dataset(name: table.name, features: try features(of: table), targets: try label.targets(of: table))
  }
}

extension PreparedLabel {
  /// What the network should answer with for every row.
  ///
  /// - Throws: ``TrainingDataError`` when the label's column is missing or of another kind, at the first row without a label,
  ///   and at the first class that the training rows' table did not have.
  public func targets(of table: Table) throws(TrainingDataError) -> Targets {
    guard let index = table.column(named: name) else { throw missingColumn(in: table) }
    switch content {
    case .values:
      try requireKind(.numeric, of: index, in: table)
      var values: [Float] = []
      values.reserveCapacity(table.rowCount)
      for row in 0..<table.rowCount {
        let value = try labelValue(row, index, table)
        values.append(scale.map { $0(Double(value)) } ?? value)
      }
      return try .values(values, width: 1, origin: table.name)
    case .classes(let names, let areNumbers):
      try requireKind(areNumbers ? .numeric : .categorical, of: index, in: table)
      let positions = Dictionary(names.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
      let known = table.columns[index].categories.map { positions[$0] }
      let labels = try SampleStorage<Int32>(count: table.rowCount) { (labels) throws(TrainingDataError) in
        for row in 0..<table.rowCount {
          let value = try labelValue(row, index, table)
          let label = areNumbers ? Int(exactly: value).flatMap { positions["\($0)"] } : known[Int(value)]
          guard let label else {
            let text = areNumbers ? "\(value)" : table.columns[index].categories[Int(value)].shown
            throw TrainingDataError(
              .invalidValue,
              "\(table.place(ofRow: row)): \(text) is no class of the label '\(name)', expected "
                + (names.count <= 20 ? Suggestion.list(names) : "one of \(names.count)"))
          }
          labels.initializeElement(at: row, to: label)
        }
      }
      return try .classes(labels, classCount: names.count, origin: table.name)
    }
  }

  private func labelValue(_ row: Int, _ index: Int, _ table: Table) throws(TrainingDataError) -> Float {
    if let value = table[row, index] { return value }
    throw TrainingDataError(
      .missingValue, "\(table.place(ofRow: row)): the label '\(name)' has no value", hint: "leave the row out")
  }

  private func missingColumn(in table: Table) -> TrainingDataError {
    TrainingDataError(.columnMismatch, "\(table.name): the column '\(name)' is missing")
  }

  private func requireKind(_ kind: ColumnKind, of index: Int, in table: Table) throws(TrainingDataError) {
    guard table.columns[index].kind != kind else { return }
    throw .otherKind(table.columns[index], expected: kind, path: table.name)
  }
}

extension TrainingDataError {
  /// A column holds something else than in the table of the training rows.
  static func otherKind(_ column: TableColumn, expected: ColumnKind, path: String) -> TrainingDataError {
    TrainingDataError(
      .columnMismatch,
      "\(path): the column '\(column.name)' must be \(expected.rawValue) as in training, but is "
        + column.kind.rawValue)
  }
}

/// Writes the features of one column.
private struct ColumnWriter {
  private let column: PreparedColumn
  private let index: Int
  private let firstFeature: Int
  /// For the position of a category in the table, its position in the preparation; nil for one that is unknown.
  private let positions: [Int?]

  init(_ column: PreparedColumn, of table: Table, near hint: Int, firstFeature: Int) throws(TrainingDataError) {
    guard let index = table.column(named: column.name, near: hint) else {
      throw TrainingDataError(.columnMismatch, "\(table.name): the column '\(column.name)' is missing")
    }
    self.column = column
    self.index = index
    self.firstFeature = firstFeature
    switch column.content {
    case .number:
      positions = []
      guard table.columns[index].kind == .numeric else {
        throw .otherKind(table.columns[index], expected: .numeric, path: table.name)
      }
    case .category(let category):
      guard table.columns[index].kind == .categorical else {
        throw .otherKind(table.columns[index], expected: .categorical, path: table.name)
      }
      let known = Dictionary(category.names.enumerated().map { ($1, $0) }) { first, _ in first }
      positions = table.columns[index].categories.map { known[$0] }
    }
  }

  func write(
    _ row: Int, of table: Table, to features: UnsafeMutableBufferPointer<Float>
  ) throws(TrainingDataError) {
    let value = table[row, index]
    switch column.content {
    case .number(let number):
      guard let known = value ?? number.fill else { throw missing(row, table) }
      let seen = number.isLogarithmic ? PreparedNumber.signedLogarithm(Double(known)) : Double(known)
      features[firstFeature] = number.scale(seen)
    case .category(let category):
      guard let position = try position(value, category, row, table) else {
        if let scale = category.scale { features[firstFeature] = scale(0) }
        return
      }
      if let scale = category.scale {
        features[firstFeature] = scale(Double(position))
      } else {
        features[firstFeature + position] = 1
      }
    }
  }

  /// The position of a row's category; nil for one that is unknown and may be.
  private func position(
    _ value: Float?, _ category: PreparedCategory, _ row: Int, _ table: Table
  ) throws(TrainingDataError) -> Int? {
    guard let value else {
      guard let fill = category.fill else { throw missing(row, table) }
      return fill
    }
    if let position = positions[Int(value)] { return position }
    guard category.refusesUnknown else { return nil }
    let names = category.names.count <= 20 ? Suggestion.list(category.names) : "one of \(category.names.count)"
    throw TrainingDataError(
      .invalidValue,
      "\(table.place(ofRow: row)): \(table.columns[index].categories[Int(value)].shown) is no category of column "
        + "'\(column.name)', expected \(names)")
  }

  private func missing(_ row: Int, _ table: Table) -> TrainingDataError {
    TrainingDataError(
      .missingValue, "\(table.place(ofRow: row)): column '\(column.name)' has no value",
      hint: "let 'impute' say what stands for it (mean, median, most_frequent), or leave the row out")
  }
}
