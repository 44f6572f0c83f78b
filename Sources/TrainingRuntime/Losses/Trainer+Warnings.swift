import PerceptronModel
import TrainingData

extension Trainer {
  /// What is odd about the pair of last layer and loss, whatever the data are; none for a recommended pair.
  ///
  /// Nothing is refused for these: the trainer runs, but hardly does what was meant. ``warnings(for:)`` looks at the targets
  /// as well.
  public var warnings: [LossWarning] { program.lossWarnings }

  /// What is odd about last layer, loss and the targets of these samples.
  ///
  /// - Complexity: a pass over the target values, where there are any.
  public func warnings(for data: DataSubset) -> [LossWarning] {
    warnings + TargetCheck(program: program, data: data).warnings
  }

  /// The rows of these samples that lie far beyond all others, farthest first; none in most data.
  ///
  /// As ``/TrainingData/DataSubset/farRows(leaving:)``, without the columns that the network embeds.
  ///
  /// - Complexity: a pass over the features, unless they are bytes.
  public func farRows(in data: DataSubset) -> [FarRow] {
    data.farRows(leaving: Set(program.embeddedColumns.map(\.column)))
  }
}
