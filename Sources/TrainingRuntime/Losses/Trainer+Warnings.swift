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
}
