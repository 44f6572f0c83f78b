import NeuronKernels
import PerceptronModel
import TrainingData
import TrainingRuntime

/// A network with weights that another program trained.
///
/// Layers are matched with the file's in order, and every shape must agree. PyTorch's `weight` is `[outputs][inputs]` as here;
/// scikit-learn's `coefs_` and a `kernel` are `[inputs][outputs]` and are turned round. Numbered names tell the order of
/// layers, and so does an archive of NumPy, which keeps the order of a `state_dict`. A safetensors file is sorted by
/// name, so that layers with other names than numbers are told apart by their shapes, and refused where two are alike.
///
/// A scaler beside the layers, `scaler.mean_` and `scaler.scale_` as scikit-learn calls them, becomes the model's scaling.
public struct ImportedModel: Sendable {
  /// Where a tensor of the model comes from.
  public struct Origin: Sendable, Hashable {
    /// The model's tensor, as in `layers.0.weight`.
    public let tensor: String
    /// The file's tensor, as in `fc1.weight`.
    public let source: String
    /// The shape in the file.
    public let shape: [Int]
    /// The type in the file.
    public let elementType: String
    /// Whether rows and columns were exchanged.
    public let isTransposed: Bool
    /// Whether the values are the file's own bits.
    public let isExact: Bool
  }

  /// The model; its features are taken as they are where neither the file nor the caller says how to scale them.
  public let model: TrainedModel
  /// The file's tensors that became the scaling of features; none where the file has no scaler.
  public let scalerTensors: [WeightsFile.Tensor]
  /// The model's tensors, in its order.
  public let origins: [Origin]

  /// Fills a network with the tensors of a file.
  ///
  /// - Parameters:
  ///   - network: the layers; activations are not in the file, and must be those that the weights were trained with.
  ///   - loss: what training made small; it says what the outputs mean.
  ///   - weights: the file.
  ///   - names: modules of the file for layers of the network where their order does not tell, as in
  ///     `["layers.0": "encoder", "layers.1": "head"]`.
  ///   - transform: what is done to every feature first, where the file has no scaler that says so.
  /// - Throws: ``ModelExchangeError`` `.damaged` for weights that are not finite, `.mismatch` with both shapes where layers do not match, are ambiguous, missing or left
  ///   over, or where the scaling is for other features, and `.unsupported` for names that do not tell what a tensor is;
  ///   ``/PerceptronModel/PerceptronModelError`` for a network that cannot work.
  public init(
    _ network: Network, loss: Loss, weights: WeightsFile, names: [String: String] = [:],
    transform: FeatureTransform? = nil
  ) throws {
    let program = try NetworkProgram(network, loss: loss), tensors = StageTensors.all(of: program)
    let scaler = WeightsScaler(of: weights)
    let scaling = try Self.scaling(scaler, transform, for: program, in: weights)
    let sources = try Self.sources(for: program, tensors, in: weights, names: names)
    try Self.requireFinite(tensors.flatMap(\.all).compactMap { sources[$0.name]?.tensor }, in: weights)
    var origins: [Origin] = []
    let parameters = try FrozenParameters(program) { vector in
      for stage in tensors {
        func values(_ tensor: SafetensorsWriter.Tensor?) -> [Float] {
          guard let tensor, let source = sources[tensor.name] else { return [] }
          origins.append(Origin(tensor, source))
          return source.values
        }
        program.setParameters(
          StageParameters(
            weights: values(stage.weights), bias: values(stage.bias), slopes: values(stage.slopes),
            runningMean: values(stage.runningMean), runningVariance: values(stage.runningVariance)),
          ofStage: stage.stage, in: vector)
      }
    }
    model = try TrainedModel(parameters: parameters, transform: scaling)
    scalerTensors = scaler?.tensors ?? []
    self.origins = origins
  }

  /// Refuses weights with which every answer would be NaN, and such as are too large for single precision.
  private static func requireFinite(
    _ tensors: [WeightsFile.Tensor], in weights: WeightsFile
  ) throws(ModelExchangeError) {
    for tensor in tensors {
      guard let place = tensor.values.firstIndex(where: { !$0.isFinite }) else { continue }
      throw ModelExchangeError(
        code: .damaged,
        message:
          "\(weights.path): \(tensor.name) must hold finite numbers, but element \(place) is \(tensor.values[place])",
        hint: "did the training diverge?")
    }
  }

  /// The file's scaling, the caller's, or none; numbers of categories are never scaled.
  private static func scaling(
    _ scaler: WeightsScaler?, _ transform: FeatureTransform?, for program: NetworkProgram, in weights: WeightsFile
  ) throws(ModelExchangeError) -> FeatureTransform {
    if let scaler, transform != nil {
      throw ModelExchangeError(
        code: .mismatch,
        message:
          "\(weights.path) has a scaler of its own, \(WeightsScaler.list(scaler.tensors)), and another was given",
        hint: "leave one of them out")
    }
    let count = program.inputCount
    let scaling = try scaler?.transform(featureCount: count) ?? transform ?? .identity(featureCount: count)
    for (stage, column, _) in program.embeddedColumns where column < scaling.featureCount {
      guard scaling.scale[column] == 1, scaling.shift[column] == 0 else {
        throw ModelExchangeError(
          code: .mismatch,
          message:
            "feature \(column) holds numbers of categories for \(program.stageNames[stage]), but would be scaled",
          hint: "give it a mean of 0 and a deviation of 1")
      }
    }
    return scaling
  }

  /// How many inputs a network of these layers must have for the weights; nil where the file does not say.
  public static func inputCount(of layers: [Layer], in weights: WeightsFile) throws(ModelExchangeError) -> Int? {
    var embeddings = 0, added = 0
    for case .embedding(let embedding) in layers {
      embeddings += 1
      added += embedding.width - 1
    }
    let matrices = try WeightsModule.all(of: weights).compactMap { $0.signature[.weight] }.filter { $0.count == 2 }
    guard matrices.count > embeddings else { return nil }
    return matrices[embeddings][1] << min(Self.halvings(before: layers).count, 20) - added
  }

  /// How often gated linear units halve the inputs before the first dense layer, and whether there is one.
  private static func halvings(before layers: [Layer]) -> (count: Int, isDenseMet: Bool) {
    var count = 0
    for layer in layers {
      switch layer {
      case .dense: return (count, true)
      case .gatedLinear: count += 1
      case .residual(let residual):
        let inner = halvings(before: residual.layers)
        // A span puts out as many values as it takes in, so one without a dense layer halves nothing.
        if inner.isDenseMet { return (count + inner.count, true) }
      default: continue
      }
    }
    return (count, false)
  }

  // MARK: - Matching

  /// A tensor of a file in the form that the model wants.
  fileprivate struct Source {
    let tensor: WeightsFile.Tensor
    let isTransposed: Bool

    var values: [Float] {
      guard isTransposed else { return tensor.values }
      let rows = tensor.shape[0], columns = tensor.shape[1]
      return (0..<columns).flatMap { column in (0..<rows).map { tensor.values[$0 * columns + column] } }
    }
  }

  private static func sources(
    for program: NetworkProgram, _ tensors: [StageTensors], in file: WeightsFile, names: [String: String]
  ) throws(ModelExchangeError) -> [String: Source] {
    let own = Dictionary(uniqueKeysWithValues: tensors.flatMap(\.all).map { ($0.name, $0.shape) })
    let layers = file.tensors.filter { !WeightsScaler.owns($0) }
    let isOurs = names.isEmpty && Set(layers.map(\.name)) == Set(own.keys)
    if isOurs {
      if let other = layers.first(where: { own[$0.name] != $0.shape }) {
        throw ModelExchangeError(
          code: .mismatch,
          message: "\(file.path): expected \(other.name) of shape \(own[other.name] ?? []), got \(other.shape)")
      }
      return Dictionary(
        uniqueKeysWithValues: layers.map { ($0.name, Source(tensor: $0, isTransposed: false)) })
    }
    var sources: [String: Source] = [:]
    for (target, module) in try pairs(TargetModule.all(of: program), WeightsModule.all(of: file), file, names) {
      for (role, tensor) in target.tensors {
        if let found = module.tensors[role] {
          sources[tensor.name] = Source(tensor: found, isTransposed: false)
        } else if let kernel = module.tensors[.kernel] {
          sources[tensor.name] = Source(tensor: kernel, isTransposed: true)
        }
      }
    }
    return sources
  }

  private static func pairs(
    _ targets: [TargetModule], _ modules: [WeightsModule], _ file: WeightsFile, _ names: [String: String]
  ) throws(ModelExchangeError) -> [(TargetModule, WeightsModule)] {
    for name in names.keys where !targets.contains(where: { $0.name == name }) {
      throw ModelExchangeError(
        code: .mismatch, message: "the network has no layer \(name) with weights",
        hint: "it has " + Suggestion.list(targets.map(\.name)))
    }
    var rest = modules.filter { !$0.signature.isEmpty }, given: [String: WeightsModule] = [:]
    for (target, name) in names {
      guard let place = rest.firstIndex(where: { $0.name == name }) else {
        throw ModelExchangeError(
          code: .mismatch, message: "\(file.path): there is no layer \(name), or it is named twice",
          hint: "the file has " + Suggestion.list(modules.map(\.name)))
      }
      given[target] = rest.remove(at: place)
    }
    let isOrdered = file.keepsOrder || WeightsModule.areNumbered(modules)
    guard rest.count + given.count == targets.count else { throw otherCount(targets, modules, file) }
    var pairs: [(TargetModule, WeightsModule)] = []
    for target in targets {
      let module: WeightsModule
      if let named = given[target.name] {
        module = named
      } else {
        module = try next(&rest, for: target, isOrdered: isOrdered, file)
      }
      guard module.signature == target.signature else { throw otherShapes(target, module, file) }
      pairs.append((target, module))
    }
    return pairs
  }

  /// The next module, or where their order says nothing the only one of the right shapes.
  private static func next(
    _ rest: inout [WeightsModule], for target: TargetModule, isOrdered: Bool, _ file: WeightsFile
  ) throws(ModelExchangeError) -> WeightsModule {
    if isOrdered { return rest.removeFirst() }
    let places = rest.indices.filter { rest[$0].signature == target.signature }
    guard let place = places.first else { throw otherShapes(target, rest[0], file) }
    guard places.count == 1 else {
      throw ModelExchangeError(
        code: .mismatch,
        message: "\(file.path): \(places.map { rest[$0].summary }.joined(separator: " and ")) could both be "
          + "\(target.summary), and a sorted file does not tell their order",
        hint: "name it: --map \(target.name)=\(rest[place].name)")
    }
    return rest.remove(at: place)
  }

  private static func otherCount(
    _ targets: [TargetModule], _ modules: [WeightsModule], _ file: WeightsFile
  ) -> ModelExchangeError {
    func list(_ summaries: [String]) -> String {
      summaries.prefix(8).joined(separator: "; ") + (summaries.count > 8 ? " …" : "")
    }
    return ModelExchangeError(
      code: .mismatch,
      message: "the network has \(targets.count) layers with weights, but \(file.path) has \(modules.count): "
        + "\(list(targets.map(\.summary))) against \(list(modules.map(\.summary)))",
      hint: "let the configuration's layers be those that the weights were trained in")
  }

  private static func otherShapes(
    _ target: TargetModule, _ module: WeightsModule, _ file: WeightsFile
  ) -> ModelExchangeError {
    let expected = target.signature, found = module.signature
    let isTurned = expected[.weight].map { $0 != found[.weight] && found[.weight] == $0.reversed() } ?? false
    let hint: String? =
      if isTurned {
        "it is the transpose; save weights as [outputs, inputs]"
      } else if found[.bias] == nil, expected[.bias] != nil {
        "say 'bias: false' for a layer without biases"
      } else if found[.bias] != nil, expected[.bias] == nil { "leave out 'bias: false' for a layer with biases" } else {
        nil
      }
    return ModelExchangeError(
      code: .mismatch, message: "\(file.path): expected \(target.summary), got \(module.summary)", hint: hint)
  }
}

extension ImportedModel.Origin {
  fileprivate init(_ tensor: SafetensorsWriter.Tensor, _ source: ImportedModel.Source) {
    self.init(
      tensor: tensor.name, source: source.tensor.name, shape: source.tensor.shape,
      elementType: source.tensor.elementType, isTransposed: source.isTransposed, isExact: source.tensor.isExact)
  }
}
