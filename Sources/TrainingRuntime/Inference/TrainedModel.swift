import NeuronKernels
import PerceptronModel
import TrainingData

/// Where a model's parameters come from, for those who find the model later.
public struct TrainingRecord: Sendable, Hashable {
  /// What initial weights, shuffling and splits were drawn from.
  public var seed: UInt64
  /// Epochs that the parameters have behind them.
  public var epochCount: Int
  /// Steps that the parameters have behind them.
  public var stepCount: Int
  /// The name of the update rule.
  public var optimizer: String
  /// What the run was called, such as its configuration's path.
  public var run: String?
  /// Loss and accuracy on samples that were not trained on.
  public var test: Evaluation?

  /// Makes a record from its parts.
  public init(
    seed: UInt64, epochCount: Int, stepCount: Int, optimizer: String, run: String? = nil, test: Evaluation? = nil
  ) {
    self.seed = seed
    self.epochCount = epochCount
    self.stepCount = stepCount
    self.optimizer = optimizer
    self.run = run
    self.test = test
  }
}

/// A network with its trained parameters and the scaling of its features: all that an answer needs.
///
/// A value that never changes; copies share one set of parameters.
public struct TrainedModel: Sendable {
  /// The network, each activation written into the dense layer before it.
  public let network: Network
  /// What training made small.
  public let loss: Loss
  /// What is done to every feature before the network sees it.
  public let transform: FeatureTransform
  /// What the classes are called, in the order of the outputs; nil where nobody said.
  public var classNames: [String]?
  /// Whether the targets of its training were classes, which some losses alone do not tell.
  public var wasTrainedOnClasses = false
  /// What is done to the columns of a table before `transform`; nil where the model was not trained on a table.
  public var preparation: TablePreparation?
  /// What the values that it learned were moved and divided by, a scale for each output; nil where they were not.
  ///
  /// Answers are brought back by it. That of a table's label is a part of `preparation`.
  public var targetScales: [PreparedScale]?
  /// Where the parameters come from; nil where nobody said.
  public var record: TrainingRecord?
  package let parameters: FrozenParameters

  /// Joins parameters and scaling.
  ///
  /// - Throws: ``TrainingRuntimeError`` when the scaling is not for the network's features.
  package init(
    parameters: FrozenParameters, transform: FeatureTransform, classNames: [String]? = nil,
    record: TrainingRecord? = nil
  ) throws(TrainingRuntimeError) {
    let program = parameters.program
    guard transform.featureCount == program.inputCount else {
      throw TrainingRuntimeError(
        code: .modelMismatch,
        message: "the scaling is for \(transform.featureCount) features, but the network takes \(program.inputCount)")
    }
    self.network = program.network
    self.loss = program.loss
    self.transform = transform
    self.classNames = classNames
    self.record = record
    self.parameters = parameters
  }

  /// Keeps what was done to the columns of a table, and calls the classes what the table does.
  package mutating func take(_ preparation: TablePreparation?) {
    self.preparation = preparation
    // A single output that tells two classes apart has no name of its own; those of both are in the preparation.
    if let names = preparation?.classNames, names.count == outputCount { classNames = names }
  }

  /// What answers are brought back by, a scale for each output; nil where they are in their own unit already.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when there is not a usable scale for each output.
  package func answerScales() throws(TrainingRuntimeError) -> [PreparedScale]? {
    guard let scales = preparation?.label.scale.map({ [$0] }) ?? targetScales else { return nil }
    guard scales.count == outputCount else {
      throw TrainingRuntimeError(
        code: .modelMismatch, message: "there are \(scales.count) scales for the \(outputCount) outputs of the network")
    }
    do {
      for (output, scale) in scales.enumerated() { try scale.requireSense("output \(output)") }
    } catch {
      throw TrainingRuntimeError(code: .modelMismatch, message: error.message)
    }
    return scales
  }

  /// Features of a sample.
  public var featureCount: Int { parameters.program.inputCount }
  /// Values that the network answers with.
  public var outputCount: Int { parameters.program.outputCount }
  /// Parameters of the network.
  public var parameterCount: Int { parameters.program.parameterCount }

  /// What the kernels run, one after the other.
  package var stages: [Stage] { parameters.program.stages }

  /// Copies of every stage's parameters, row-major.
  package var stageParameters: [StageParameters] {
    let program = parameters.program
    return program.stages.indices.map { program.parameters(ofStage: $0, in: parameters.vector) }
  }

  /// The digest that ``Trainer/weightsSHA256()`` gave for these parameters.
  public func weightsSHA256() -> String { parameters.program.sha256(ofParameters: parameters.vector) }
}

extension Trainer {
  /// The parameters and the scaling as they are now, in memory of their own.
  ///
  /// Before the first `fit` nothing has been measured, and features are taken as they are.
  ///
  /// - Throws: ``/NeuronKernels/NeuronKernelsError`` when there is no memory for the copy.
  public func model() throws -> TrainedModel {
    // The stages and their places are the same, whether an activation was written inline or as a layer of its own.
    let inlined = try NetworkProgram(program.inlinedNetwork, loss: program.loss)
    let parameters = try withEvaluationParameters { source in
      try FrozenParameters(inlined) { vector in vector.update(from: source, count: inlined.vectorCount) }
    }
    var model = try TrainedModel(
      parameters: parameters, transform: transform ?? .identity(featureCount: program.inputCount),
      record: TrainingRecord(
        seed: seed, epochCount: epochCount, stepCount: stepCount, optimizer: optimizer.name))
    model.wasTrainedOnClasses = trainsOnClasses
    return model
  }

  /// A predictor with a copy of the parameters as they are now, and workers of its own.
  ///
  /// - Throws: what ``Predictor`` refuses.
  public func predictor() throws -> Predictor { try predictor(of: model()) }

  /// A predictor for a model, with workers and kernels like the trainer's.
  func predictor(of model: TrainedModel) throws -> Predictor {
    try Predictor(model, runtime: runtime, kernels: kernels)
  }
}
