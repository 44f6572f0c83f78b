import Fascicle

/// A table to train on: its file, how that is read, and what is made of its columns.
public struct TableSource: Sendable, Hashable {
  /// The absolute path of the file.
  public var file: String
  /// How the file is written.
  public var format = TableFormat.csv
  /// How a file of fields is read, but for the kinds of columns, which the recipe has.
  public var reading = CSVReading()
  /// How a sparse text is read.
  public var sparseReading = LIBSVMReading()
  /// What is made of the columns; the goal follows from the loss.
  public var recipe: TableRecipe

  /// A sparse text, whose numbers are taken as they are, so that zeros stay zeros.
  public init(libsvm file: String) {
    self.init(file: file, label: Table.libsvmLabel)
    format = .libsvm
    recipe.standard.scaling = ColumnRecipe.Scaling.none
  }

  /// The label's column of a file, everything else recognised or standard.
  public init(file: String, label: String) {
    self.file = file
    recipe = TableRecipe(label: label)
  }
}
