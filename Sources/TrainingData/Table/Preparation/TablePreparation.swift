/// What is done to the rows of a table before a network sees them: measured on training rows, and a part of the model.
///
/// A model's folder keeps it, so that a file of the same columns, in any order, can be answered for.
public struct TablePreparation: Sendable, Hashable {
  /// The columns that a table must have, in the order of their features.
  public let columns: [PreparedColumn]
  /// The column that the network answers with.
  public let label: PreparedLabel
  /// Columns that a table may have and that are not read.
  public let ignoredColumns: [String]
  /// Whether columns are told apart by names in a header, rather than by their positions.
  public let hasHeader: Bool
  /// The texts that stand for a missing value.
  public let missingTexts: [String]
  /// What separates fields.
  public let delimiter: CSVReading.Delimiter
  /// How the table was written.
  public let format: TableFormat

  /// Restores a preparation, for example from a model's file.
  ///
  /// - Throws: `.invalidArgument` when a name comes twice, when there is no feature, or when a number cannot be used.
  public init(
    columns: [PreparedColumn], label: PreparedLabel, ignoredColumns: [String], hasHeader: Bool, missingTexts: [String],
    delimiter: CSVReading.Delimiter = .automatic, format: TableFormat = .csv
  ) throws(TrainingDataError) {
    self.columns = columns
    self.label = label
    self.ignoredColumns = ignoredColumns
    self.hasHeader = hasHeader
    self.missingTexts = missingTexts
    self.delimiter = delimiter
    self.format = format
    try requireSense()
  }

  /// How many features a row has.
  public var featureCount: Int { columns.reduce(0) { $0 + $1.featureCount } }

  /// What the features are called: `Age` for a number, `Sex=female` for a category.
  public var featureNames: [String] { columns.flatMap(\.featureNames) }

  /// What the classes are called, in the order of the labels; nil where the label is a number.
  public var classNames: [String]? {
    if case .classes(let names, _) = label.content { names } else { nil }
  }

  private func requireSense() throws(TrainingDataError) {
    var names: Set<String> = []
    for name in columns.map(\.name) + ignoredColumns + [label.name] where !names.insert(name).inserted {
      throw TrainingDataError(.invalidArgument, "expected each column once, got '\(name)' twice")
    }
    guard featureCount > 0, featureCount <= 1 << 24 else {
      throw TrainingDataError(.invalidArgument, "expected 1 to \(1 << 24) features, got \(featureCount)")
    }
    for column in columns { try column.requireSense() }
    try label.requireSense()
    if let classNames, Set(classNames).count != classNames.count || classNames.isEmpty {
      throw TrainingDataError(.invalidArgument, "expected classes with names of their own, got \(classNames)")
    }
  }
}

/// The column that a network answers with.
public struct PreparedLabel: Sendable, Hashable {
  /// What it holds.
  public enum Content: Sendable, Hashable {
    /// Classes by name, in the order of the labels; `areNumbers` where the names are whole numbers.
    case classes([String], areNumbers: Bool)
    /// A number.
    case values
  }

  /// The name of the column.
  public let name: String
  /// What it holds.
  public let content: Content
  /// Where its number is moved to before the network learns it, and brought back from in answers; nil to leave it.
  public let scale: PreparedScale?

  /// Names a column.
  public init(name: String, content: Content, scale: PreparedScale? = nil) {
    self.name = name
    self.content = content
    self.scale = scale
  }
}

/// What is done to a column of a table.
public struct PreparedColumn: Sendable, Hashable {
  /// What the features come from.
  public enum Content: Sendable, Hashable {
    /// A number.
    case number(PreparedNumber)
    /// One of some categories.
    case category(PreparedCategory)
  }

  /// The name of the column.
  public let name: String
  /// What the features come from.
  public let content: Content

  /// Names a column.
  public init(name: String, content: Content) {
    self.name = name
    self.content = content
  }

  /// How many features the column becomes.
  public var featureCount: Int {
    switch content {
    case .number: 1
    case .category(let category): category.scale == nil ? category.names.count : 1
    }
  }

  var featureNames: [String] {
    guard case .category(let category) = content, category.scale == nil else { return [name] }
    return category.names.map { "\(name)=\($0)" }
  }

  func requireSense() throws(TrainingDataError) {
    let scale: PreparedScale?
    switch content {
    case .number(let number): scale = number.scale
    case .category(let category):
      scale = category.scale
      guard !category.names.isEmpty, Set(category.names).count == category.names.count else {
        throw TrainingDataError(.invalidArgument, "expected different categories in the column '\(name)'")
      }
      if let fill = category.fill, !category.names.indices.contains(fill) {
        throw TrainingDataError(
          .invalidArgument, "expected one of \(category.names.count) categories in the column '\(name)', got \(fill)")
      }
    }
    try scale?.requireSense("the column '\(name)'")
  }
}

extension PreparedLabel {
  func requireSense() throws(TrainingDataError) {
    if scale != nil, content != .values {
      throw TrainingDataError(.invalidArgument, "the label '\(name)' has classes, which are not scaled")
    }
    try scale?.requireSense("the column '\(name)'")
  }
}

/// What is done to a number.
public struct PreparedNumber: Sendable, Hashable {
  /// What stands for a missing number; nil to refuse it.
  public let fill: Float?
  /// Whether sign(x)·log(1 + |x|) takes the number's place first.
  public let isLogarithmic: Bool
  /// Where the number is moved to.
  public let scale: PreparedScale

  /// Makes a rule from its parts.
  public init(fill: Float?, isLogarithmic: Bool, scale: PreparedScale) {
    self.fill = fill
    self.isLogarithmic = isLogarithmic
    self.scale = scale
  }
}

/// What is done to a category.
public struct PreparedCategory: Sendable, Hashable {
  /// The categories of the training rows, in order.
  public let names: [String]
  /// The position of what stands for a missing category; nil to refuse it.
  public let fill: Int?
  /// Whether a category that is not in `names` is refused; otherwise it has no feature of its own.
  public let refusesUnknown: Bool
  /// Where the position of the category is moved to; nil for a feature for each category.
  public let scale: PreparedScale?

  /// Makes a rule from its parts.
  public init(names: [String], fill: Int?, refusesUnknown: Bool, scale: PreparedScale?) {
    self.names = names
    self.fill = fill
    self.refusesUnknown = refusesUnknown
    self.scale = scale
  }
}
