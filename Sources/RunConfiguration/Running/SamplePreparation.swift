import Fascicle

/// What is done to samples before a network sees them, measured on those that are trained on; a part of the model.
public struct SamplePreparation: Sendable, Hashable {
  /// To the columns of a table; nil where the samples come from none.
  public var table: TablePreparation?
  /// To the values of arrays that a network learns to meet, a scale for each; nil where they are taken as they are.
  public var targetScales: [PreparedScale]?

  /// Prepares nothing.
  public init() {}

  /// What was done to the samples that a model was trained on.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when its scales are not for its outputs.
  public init(of model: TrainedModel) throws(TrainingRuntimeError) {
    table = model.preparation
    targetScales = try model.answerScales()
  }
}

extension Trainer {
  /// The model as it is now, with all that was done to the samples before they came to the trainer.
  ///
  /// - Throws: ``/NeuronKernels/NeuronKernelsError`` when there is no memory for a copy of the parameters.
  public func model(of data: RunData) throws -> TrainedModel {
    var model = try model()
    model.take(data.preparation.table)
    model.targetScales = data.preparation.targetScales
    return model
  }
}
