/// What is to be made of a table's columns before a network sees them, and which column it should answer with.
///
/// Figures are measured later, on the rows that are trained on: ``fit(on:rows:reading:)``.
///
///     var recipe = TableRecipe(label: "Survived", goal: .classes)
///     recipe.columns["Age"] = ColumnRecipe(imputation: .median)
///     let preparation = try recipe.fit(on: table, rows: rows)
public struct TableRecipe: Sendable, Hashable {
  /// What the network should answer with.
  public enum Goal: Sendable, Hashable {
    /// One of the classes in the label's column: texts, or whole numbers.
    case classes
    /// The number in the label's column.
    case values
    /// Classes where the label's column holds texts, its number where it holds numbers.
    case automatic
  }

  /// The label's column: a name, or a position from 0, or from −1 counted from the end.
  public var label: String
  /// What the network should answer with.
  public var goal: Goal
  /// Where numbers of the label are moved to before the network learns them; answers are brought back.
  public var labelScaling = ColumnRecipe.Scaling.none
  /// Columns that only say to which part a row belongs, and that the network does not see.
  public var divisionColumns: Set<String> = []
  /// The column that says how often a row counts in the loss, which the network does not see; nil where all count alike.
  public var weightColumn: String?
  /// What is done with columns of which nothing else is said.
  public var standard: ColumnRecipe
  /// What is done with columns, by name.
  public var columns: [String: ColumnRecipe]

  /// Makes a recipe; without more, numbers are standardized, categories become one feature each, and missing values are refused.
  public init(
    label: String, goal: Goal = .automatic, standard: ColumnRecipe = ColumnRecipe(),
    columns: [String: ColumnRecipe] = [:]
  ) {
    self.label = label
    self.goal = goal
    self.standard = standard
    self.columns = columns
  }

  /// What columns are said to hold, as a reader of tables takes it.
  public var kinds: [String: ColumnKind] {
    columns.compactMapValues(\.kind).merging(columnsBesideFeatures) { $1 }
  }

  /// What columns hold that are read although the network does not see them.
  public var columnsBesideFeatures: [String: ColumnKind] {
    var kinds = Dictionary(divisionColumns.map { ($0, ColumnKind.categorical) }) { first, _ in first }
    if let weightColumn { kinds[weightColumn] = .numeric }
    return kinds
  }
}

/// What is to be made of a column; nil where the table's standard holds.
public struct ColumnRecipe: Sendable, Hashable {
  /// How numbers are brought to a scale that networks learn well on.
  public enum Scaling: String, Sendable, Hashable, CaseIterable {
    /// Numbers are used as they are.
    case none
    /// (x − mean) / standard deviation.
    case standardize
    /// (x − smallest) / (largest − smallest).
    case range
    /// (x − median) / (upper quartile − lower quartile), which single large values hardly move.
    case robust
  }

  /// What becomes of categories.
  public enum Encoding: String, Sendable, Hashable, CaseIterable {
    /// A feature for each category, 1 for the row's own and 0 for the others.
    case oneHot = "one_hot"
    /// One feature: the position of the category in ``ColumnRecipe/order``, scaled as numbers are.
    case ordinal
  }

  /// What stands for a missing value.
  public enum Imputation: Sendable, Hashable {
    /// Nothing: a table with a missing value is refused, its row and column named.
    case refuse
    /// The mean of a numeric column; a categorical one takes its most frequent category.
    case mean
    /// The median of a numeric column; a categorical one takes its most frequent category.
    case median
    /// The most frequent value, the smallest or first of equally frequent ones.
    case mostFrequent
    /// This value: a number, or a text, which need not be among the column's categories.
    case constant(String)
  }

  /// What becomes of a category that no training row has.
  public enum UnknownCategory: String, Sendable, Hashable, CaseIterable {
    /// All features of the column are 0; with ``Encoding/ordinal`` what the first category is.
    case zero
    /// The table is refused, row and column named.
    case refuse
  }

  /// What the column holds; nil to recognise it.
  public var kind: ColumnKind?
  /// How its numbers are scaled; `standardize` unless somebody says so.
  public var scaling: Scaling?
  /// Whether sign(x)·log(1 + |x|) takes the place of every number before it is scaled; false unless somebody says so.
  public var isLogarithmic: Bool?
  /// What becomes of its categories; `oneHot` unless somebody says so or there is an order.
  public var encoding: Encoding?
  /// The categories in their order; nil for that of their UTF-8 bytes.
  public var order: [String]?
  /// What stands for a missing value; `refuse` unless somebody says so.
  public var imputation: Imputation?
  /// What becomes of a category that no training row has; unless somebody says so, `refuse` where categories have an order,
  /// else `zero`.
  public var unknown: UnknownCategory?

  /// Makes a recipe from what differs from the standard.
  public init(
    kind: ColumnKind? = nil, scaling: Scaling? = nil, isLogarithmic: Bool? = nil, encoding: Encoding? = nil,
    order: [String]? = nil, imputation: Imputation? = nil, unknown: UnknownCategory? = nil
  ) {
    self.kind = kind
    self.scaling = scaling
    self.isLogarithmic = isLogarithmic
    self.encoding = encoding
    self.order = order
    self.imputation = imputation
    self.unknown = unknown
  }

  /// What is said here, and what `standard` says where nothing is.
  func completed(by standard: ColumnRecipe) -> ColumnRecipe {
    ColumnRecipe(
      kind: kind, scaling: scaling ?? standard.scaling, isLogarithmic: isLogarithmic ?? standard.isLogarithmic,
      encoding: encoding ?? (order == nil ? standard.encoding : .ordinal), order: order,
      imputation: imputation ?? standard.imputation, unknown: unknown ?? standard.unknown)
  }
}
