import Glibc
import NeuronKernels

extension TableRecipe {
  /// Categories of a column that nobody called categorical: more than this, in more than one row of eight, are more likely
  /// to be names or numbers of things.
  private static let recognizedCategoryLimit = 100
  private static let classLimit = 65_536

  /// Measures the given rows, and derives what is done with every column.
  ///
  /// Only the names of classes are taken from all rows: which there are is not a figure.
  /// - Parameters:
  ///   - table: the table that the rows belong to.
  ///   - rows: the training rows, at least one.
  ///   - reading: how the table was read; later ones are read alike.
  /// - Throws: ``TrainingDataError`` for a label or a column that is not there, for a label that cannot be learned, for a
  ///   column without a value, and for texts that are too many to be categories unless somebody called them so.
  /// - Complexity: O(rows·columns), and a sort of every column whose median is asked for.
  public func fit(
    on table: Table, rows: [UInt32], reading: CSVReading = CSVReading()
  ) throws(TrainingDataError) -> TablePreparation {
    guard !rows.isEmpty, rows.allSatisfy({ $0 < table.rowCount }) else {
      throw TrainingDataError(
        .invalidArgument, "\(table.name): expected rows below \(table.rowCount) to measure, at least one")
    }
    for name in columns.keys.sorted() where table.column(named: name) == nil {
      throw .unknownColumn(name, of: table.columnNames, path: table.name)
    }
    let labelIndex = try labelColumn(in: table.columnNames, path: table.name)
    guard table.columnNames[labelIndex] != weightColumn else {
      throw TrainingDataError(
        .invalidArgument, "\(table.name): the column '\(label)' cannot be the label and the weights at once")
    }
    var prepared: [PreparedColumn] = [], ignored: [String] = []
    for (index, column) in table.columns.enumerated() where index != labelIndex {
      let recipe = (columns[column.name] ?? ColumnRecipe()).completed(by: standard)
      switch column.kind {
      case _ where columnsBesideFeatures[column.name] != nil: ignored.append(column.name)
      case .ignored: ignored.append(column.name)
      case .numeric: prepared.append(try Self.fitNumber(table, index, rows, recipe))
      case .categorical: prepared.append(try Self.fitCategory(table, index, rows, recipe))
      }
    }
    guard !prepared.isEmpty else {
      throw TrainingDataError(
        .emptyDataset, "\(table.name): expected a column to learn from beside the label '\(label)', got none")
    }
    return try TablePreparation(
      columns: prepared, label: try scaled(try preparedLabel(of: table), labelIndex, table, rows),
      ignoredColumns: ignored, hasHeader: table.hasHeader,
      missingTexts: reading.missingTexts, delimiter: reading.delimiter, format: table.format)
  }

  // MARK: - The label

  /// The position of the label's column: its name comes first, so that a column may be called 3.
  private func labelColumn(in names: [String], path: String) throws(TrainingDataError) -> Int {
    if let index = names.firstIndex(of: label) { return index }
    if let position = Int(label) {
      let index = position < 0 ? names.count + position : position
      guard names.indices.contains(index) else {
        throw TrainingDataError(
          .unknownColumn, "\(path): expected a label column from 0 to \(names.count - 1), got \(label)",
          hint: "or from \(-names.count) to -1, counted from the end")
      }
      return index
    }
    throw .unknownColumn(label, of: names, path: path)
  }

  /// What the label's column holds, of all rows.
  ///
  /// - Throws: ``TrainingDataError`` when there is no such column, or when the network cannot learn to answer with it.
  public func preparedLabel(of table: Table) throws(TrainingDataError) -> PreparedLabel {
    let index = try labelColumn(in: table.columnNames, path: table.name)
    let column = table.columns[index]
    switch column.kind {
    case .ignored:
      throw TrainingDataError(.invalidArgument, "\(table.name): the label '\(column.name)' cannot be ignored")
    case .categorical:
      guard goal != .values else {
        let first = column.firstText.map { ", but line \($0.line) has \($0.text.shown)" } ?? ", but holds texts"
        throw TrainingDataError(
          .invalidValue, "\(table.name): the label '\(column.name)' must hold numbers for this loss\(first)",
          hint: "a loss such as categorical_cross_entropy learns classes")
      }
      return PreparedLabel(
        name: column.name,
        content: .classes(try checked(column.categories, column.name, table), areNumbers: false))
    case .numeric:
      guard goal == .classes else { return PreparedLabel(name: column.name, content: .values) }
      return PreparedLabel(
        name: column.name,
        content: .classes(try checked(try wholeNumbers(table, index), column.name, table), areNumbers: true))
    }
  }

  /// The label with its figures, measured on the training rows.
  private func scaled(
    _ label: PreparedLabel, _ index: Int, _ table: Table, _ rows: [UInt32]
  ) throws(TrainingDataError) -> PreparedLabel {
    guard labelScaling != .none else { return label }
    guard label.content == .values else {
      throw TrainingDataError(
        .invalidArgument, "\(table.name): the label '\(label.name)' has classes, which cannot be scaled",
        hint: "scale a label that holds numbers, or leave it")
    }
    let values = rows.compactMap { table[Int($0), index].map { Double($0) } }
    guard !values.isEmpty else { throw Self.noValue(table, table.columns[index]) }
    return PreparedLabel(name: label.name, content: .values, scale: PreparedScale(labelScaling, of: values))
  }

  private func checked(_ names: [String], _ label: String, _ table: Table) throws(TrainingDataError) -> [String] {
    guard names.count <= Self.classLimit else {
      throw TrainingDataError(
        .invalidValue, "\(table.name): expected \(Self.classLimit) classes at most in '\(label)', got \(names.count)",
        hint: "is it a number to be met? a loss such as mean_squared_error learns those")
    }
    guard names.count > 1 else {
      throw TrainingDataError(
        .invalidValue,
        "\(table.name): expected different classes in '\(label)', got \(names.first.map(\.shown) ?? "none") in every row"
      )
    }
    return names
  }

  /// The different numbers of a label, which must be whole, in ascending order.
  private func wholeNumbers(_ table: Table, _ index: Int) throws(TrainingDataError) -> [String] {
    var numbers: Set<Int> = []
    for row in 0..<table.rowCount {
      guard let value = table[row, index] else { continue }
      guard value.magnitude <= 0x1p24 else {
        throw TrainingDataError(
          .invalidValue,
          "\(table.place(ofRow: row)): the label '\(table.columns[index].name)' must be a class, but is \(value), "
            + "beyond the limit of \(1 << 24)",
          hint: "a loss such as mean_squared_error learns numbers")
      }
      guard let number = Int(exactly: value) else {
        throw TrainingDataError(
          .invalidValue,
          "\(table.place(ofRow: row)): the label '\(table.columns[index].name)' must be a text or a whole number for a loss "
            + "of classes, but is \(value)",
          hint: "a loss such as mean_squared_error learns numbers")
      }
      numbers.insert(number)
    }
    return numbers.sorted().map { "\($0)" }
  }

  // MARK: - Columns

  private static func fitNumber(
    _ table: Table, _ index: Int, _ rows: [UInt32], _ recipe: ColumnRecipe
  ) throws(TrainingDataError) -> PreparedColumn {
    let column = table.columns[index]
    if recipe.order != nil || recipe.encoding == .ordinal && recipe.kind == .categorical {
      throw TrainingDataError(
        .invalidArgument, "\(table.name): column '\(column.name)' holds numbers, which have no order of categories",
        hint: "call it categorical, or leave the order out")
    }
    let raw = rows.compactMap { table[Int($0), index] }
    guard !raw.isEmpty else { throw noValue(table, column) }
    var figures = NumberFigures(raw.map { Double($0) })
    let fill: Float?
    switch recipe.imputation ?? .refuse {
    case .refuse: fill = nil
    case .mean: fill = Float(figures.mean)
    case .median: fill = Float(figures.quantile(0.5))
    case .mostFrequent: fill = Float(figures.mostFrequent)
    case .constant(let text):
      guard let value = Float(text), value.isFinite else {
        throw TrainingDataError(
          .invalidArgument,
          "\(table.name): what stands for a missing value of the numeric column '\(column.name)' must be a number, but is "
            + text.shown)
      }
      fill = value
    }
    let isLogarithmic = recipe.isLogarithmic ?? false
    // What is measured is what the network will see: missing values count as what stands for them.
    var seen = raw.map { Double($0) }
    if let fill { seen += [Double](repeating: Double(fill), count: rows.count - raw.count) }
    if isLogarithmic { seen = seen.map(PreparedNumber.signedLogarithm) }
    let scale = PreparedScale(recipe.scaling ?? .standardize, of: seen)
    return PreparedColumn(
      name: column.name, content: .number(PreparedNumber(fill: fill, isLogarithmic: isLogarithmic, scale: scale)))
  }

  private static func fitCategory(
    _ table: Table, _ index: Int, _ rows: [UInt32], _ recipe: ColumnRecipe
  ) throws(TrainingDataError) -> PreparedColumn {
    let column = table.columns[index]
    if let first = column.firstText, column.categories.count > recognizedCategoryLimit,
      column.categories.count > table.rowCount / 8
    {
      throw TrainingDataError(
        .invalidValue,
        "\(table.name): column '\(column.name)' is no column of numbers, for line \(first.line) has \(first.text.shown), "
          + "and has \(column.categories.count) different texts in \(table.rowCount) rows, too many to be categories",
        hint: "ignore the column, or call it categorical if every text should be a feature")
    }
    var counts = [Int](repeating: 0, count: column.categories.count)
    for row in rows { if let value = table[Int(row), index] { counts[Int(value)] += 1 } }
    var names = column.categories.indices.filter { counts[$0] > 0 }.map { column.categories[$0] }
    guard !names.isEmpty else { throw noValue(table, column) }
    if let order = recipe.order {
      if let stranger = names.first(where: { !order.contains($0) }) {
        throw TrainingDataError(
          .invalidArgument, "\(table.name): the order of column '\(column.name)' lacks its category \(stranger.shown)",
          hint: "it has \(Suggestion.list(Array(order.prefix(20))))")
      }
      names = order
    }
    let fill = try self.fill(column, counts, recipe.imputation ?? .refuse, &names)
    let isOrdinal = recipe.encoding == .ordinal || recipe.order != nil
    var scale: PreparedScale?
    if isOrdinal {
      let positions = Dictionary(names.enumerated().map { ($1, Double($0)) }) { first, _ in first }
      let seen = rows.compactMap { row in
        table[Int(row), index].map { positions[column.categories[Int($0)]] ?? 0 } ?? fill.map { Double($0) }
      }
      scale = PreparedScale(recipe.scaling ?? .standardize, of: seen)
    }
    return PreparedColumn(
      name: column.name,
      content: .category(
        PreparedCategory(
          names: names, fill: fill, refusesUnknown: (recipe.unknown ?? (isOrdinal ? .refuse : .zero)) == .refuse,
          scale: scale)))
  }

  /// The position of what stands for a missing category; a constant that is no category becomes one.
  private static func fill(
    _ column: TableColumn, _ counts: [Int], _ imputation: ColumnRecipe.Imputation, _ names: inout [String]
  ) throws(TrainingDataError) -> Int? {
    switch imputation {
    case .refuse: return nil
    case .mean, .median, .mostFrequent:
      let most = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
      return names.firstIndex(of: column.categories[most])
    case .constant(let text):
      if let position = names.firstIndex(of: text) { return position }
      names.append(text)
      return names.count - 1
    }
  }

  private static func noValue(_ table: Table, _ column: TableColumn) -> TrainingDataError {
    TrainingDataError(
      .missingValue, "\(table.name): column '\(column.name)' has no value in any training row",
      hint: "ignore the column")
  }
}

extension PreparedNumber {
  /// sign(x)·log(1 + |x|), which takes negative numbers too.
  static func signedLogarithm(_ value: Double) -> Double { value < 0 ? -log1p(-value) : log1p(value) }
}
