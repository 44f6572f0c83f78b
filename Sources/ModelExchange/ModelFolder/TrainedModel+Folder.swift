import NeuronKernels
import PerceptronModel
import TrainingRuntime

extension TrainedModel {
  /// The file of the weights in a model's folder.
  public static let weightsFileName = "model.safetensors"
  /// The file that describes the model in its folder.
  public static let descriptionFileName = "model.json"
  /// Bytes of the largest description that is read: the scaling of a million features.
  private static let descriptionByteLimit = 64 << 20

  /// Writes the model into a folder, made if missing: `model.safetensors` and `model.json`.
  ///
  /// Both are written beside those that are there, made durable, and take their places at the end. Should the machine stop
  /// between the two, the digest in `model.json` tells that they do not belong together.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was there before stays.
  public func write(folder: String) throws(ModelExchangeError) {
    let errorNumber = Folder.make(folder)
    guard errorNumber == 0 else { throw ReplacementFile.failure(folder, errorNumber: errorNumber) }
    let description = ModelDescription(self)
    let weightsFile = try ReplacementFile(folder: folder, name: Self.weightsFileName)
    try write(to: weightsFile, sha256: description.weightsSHA256)
    let descriptionFile = try ReplacementFile(folder: folder, name: Self.descriptionFileName)
    try descriptionFile.write(description.json.text() + "\n")
    try weightsFile.synchronize()
    try descriptionFile.synchronize()
    try weightsFile.replace()
    try descriptionFile.replace()
    let failure = Folder.synchronize(folder)
    guard failure == 0 else { throw ReplacementFile.failure(folder, errorNumber: failure) }
  }

  private func write(to file: ReplacementFile, sha256: String) throws(ModelExchangeError) {
    let program = parameters.program, tensors = StageTensors.all(of: program)
    let writer = try SafetensorsWriter(
      tensors.flatMap(\.all),
      metadata: [
        ("format", ModelDescription.format), ("version", "\(ModelDescription.version)"), ("weights_sha256", sha256),
      ],
      to: file)
    for stage in tensors {
      let values = program.parameters(ofStage: stage.stage, in: parameters.vector)
      if stage.weights != nil { try writer.write(values.weights) }
      if stage.bias != nil { try writer.write(values.bias) }
      if stage.slopes != nil { try writer.write(values.slopes) }
      if stage.runningMean != nil { try writer.write(values.runningMean) }
      if stage.runningVariance != nil { try writer.write(values.runningVariance) }
    }
  }

  /// Reads a model from the folder that `write(folder:)` or `fascicle train --output` wrote.
  ///
  /// - Throws: ``ModelExchangeError`` `.missing`, `.readFailed` or `.outOfMemory`; `.damaged` and `.unsupported` for files
  ///   that cannot be a model; `.mismatch` when the weights are not those that the description speaks of.
  public init(folder: String) throws(ModelExchangeError) {
    guard Folder.exists(folder) else {
      throw ModelExchangeError(
        code: .missing, message: "\(folder): no such model folder",
        hint: "'fascicle train --output \(folder)' would write one")
    }
    let path = "\(folder)/\(Self.descriptionFileName)", file = try ModelFile(path)
    guard file.byteCount <= Self.descriptionByteLimit else {
      throw .damaged(
        path, "a description has \(Self.descriptionByteLimit) bytes at most, but this has \(file.byteCount)")
    }
    let description = try ModelDescription(file.readJSON(file.byteCount))
    let weights = try SafetensorsFile(path: "\(folder)/\(Self.weightsFileName)")
    try self.init(description, weights, path: path)
  }

  private init(
    _ description: ModelDescription, _ weights: SafetensorsFile, path: String
  ) throws(ModelExchangeError) {
    do {
      let program = try NetworkProgram(description.network, loss: description.loss)
      let parameters = try FrozenParameters(program, reading: weights)
      try self.init(
        parameters: parameters, transform: description.transform, classNames: description.classNames,
        record: description.record)
      wasTrainedOnClasses = description.classCount != nil
      preparation = description.preparation
      targetScales = description.targetScales
      _ = try answerScales()
    } catch let error as ModelExchangeError {
      throw error
    } catch let error as NeuronKernelsError {
      throw ModelExchangeError(error)
    } catch {
      throw .damaged(path, "\(error)")
    }
    let digest = weightsSHA256()
    guard digest == description.weightsSHA256 else {
      throw ModelExchangeError(
        code: .mismatch,
        message: "\(weights.path) has weights of sha256 \(digest.prefix(12))…, but \(path) speaks of "
          + "\(description.weightsSHA256.prefix(12))…",
        hint: "one of the two files is damaged or of another run")
    }
  }
}

extension FrozenParameters {
  /// Takes exactly the tensors that the network has; their shapes are checked before memory is taken.
  fileprivate convenience init(_ program: NetworkProgram, reading file: SafetensorsFile) throws {
    let tensors = StageTensors.all(of: program), names = Set(tensors.flatMap(\.all).map(\.name))
    if let stranger = file.header.tensors.first(where: { !names.contains($0.name) }) {
      throw ModelExchangeError.damaged(file.path, "the tensor \(stranger.name) belongs to no layer of the network")
    }
    func floats(_ tensor: SafetensorsWriter.Tensor?) throws -> [Float] {
      try tensor.map { try file.floats($0.name, shape: $0.shape) } ?? []
    }
    for stage in tensors { for tensor in stage.all { try file.require(tensor.name, shape: tensor.shape) } }
    try self.init(program) { vector in
      for stage in tensors {
        program.setParameters(
          StageParameters(
            weights: try floats(stage.weights), bias: try floats(stage.bias), slopes: try floats(stage.slopes),
            runningMean: try floats(stage.runningMean), runningVariance: try floats(stage.runningVariance)),
          ofStage: stage.stage, in: vector)
      }
    }
  }
}

extension Predictor {
  /// A predictor for the model in a folder.
  ///
  /// - Throws: ``ModelExchangeError`` for a model that cannot be read, otherwise what
  ///   ``/TrainingRuntime/Predictor/init(_:runtime:)`` refuses.
  public convenience init(folder: String, runtime: RuntimeSettings = RuntimeSettings()) throws {
    try self.init(TrainedModel(folder: folder), runtime: runtime)
  }
}
