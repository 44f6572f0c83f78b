import Fascicle

/// A table to train on: its file, how that is read, and what is made of its columns.
public struct TableSource: Sendable, Hashable {
  /// The absolute path of the file.
  public var file: String
  /// How the file is read, but for the kinds of columns, which the recipe has.
  public var reading = CSVReading()
  /// What is made of the columns; the goal follows from the loss.
  public var recipe: TableRecipe

  /// The label's column of a file, everything else recognised or standard.
  public init(file: String, label: String) {
    self.file = file
    recipe = TableRecipe(label: label)
  }
}
