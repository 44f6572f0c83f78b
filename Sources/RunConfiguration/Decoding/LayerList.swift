import Fascicle

/// Reads `network.layers`.
enum LayerList {
  /// The widest layer that is taken for meant.
  private static let unitLimit = 1 << 24
  /// The most layers that are taken for meant.
  private static let layerLimit = 10_000
  private static let form = "a list such as [{ dense: 64, activation: relu }, { dense: 10, activation: softmax }]"

  static func read(_ reader: SectionReader, default standard: [Layer]) -> [Layer] {
    defer { reader.finish() }
    return list("layers", reader) ?? standard
  }

  /// The layers under a key; nil when it is missing, or not a list of some, which is noted.
  private static func list(_ key: String, _ reader: SectionReader) -> [Layer]? {
    guard let node = reader.node(key) else { return nil }
    guard case .list(let elements) = node.value, !elements.isEmpty else {
      let found = if case .list = node.value { "an empty list" } else { node.wording }
      reader.problems.add(.value, node.place, "\(reader.dotted(key)) must be \(form), but is \(found)")
      return nil
    }
    // The outermost list counts those of all spans, so that none needs to be looked at once there are too many.
    let count = layerCount(elements)
    guard count <= layerLimit else {
      reader.problems.add(
        .value, node.place,
        "\(reader.dotted(key)) must have \(layerLimit) layers at most, those of residual spans included, but has \(count)"
      )
      return nil
    }
    return layers(elements, path: reader.dotted(key), problems: reader.problems)
  }

  /// Layers of a list, those inside residual spans included.
  private static func layerCount(_ elements: [SourceNode]) -> Int {
    elements.reduce(0) { count, element in
      guard case .section(let entries) = element.value,
        case .list(let inner)? = entries.first(where: { $0.key == "residual" })?.value.value
      else { return count + 1 }
      return count + 1 + layerCount(inner)
    }
  }

  private static func layers(_ elements: [SourceNode], path: String, problems: ProblemList) -> [Layer] {
    elements.enumerated().compactMap { index, element in
      layer(
        SectionReader(element, path: "\(path).\(index)", example: "dense: 64, activation: relu", problems: problems))
    }
  }

  /// The keys that say what a layer is.
  private static let kinds = [
    "dense", "activation", "dropout", "alpha_dropout", "gaussian_noise", "norm", "residual", "embedding",
  ]

  /// The kinds of a layer that is written as several at once; an activation may stand beside the units that it follows.
  private static func clash(_ reader: SectionReader) -> [String] {
    let given = kinds.filter(reader.has)
    return given.count < 2 || given == ["dense", "activation"] ? [] : given
  }

  private static func layer(_ reader: SectionReader) -> Layer? {
    let clash = clash(reader)
    guard clash.isEmpty else {
      reader.problems.add(
        .value, reader.place, "\(reader.path) has the keys \(Suggestion.conjunction(clash)), but is one layer",
        hint: "write one entry for each, as in - { \(clash[0]): … } and - { \(clash[1]): … }")
      return nil
    }
    // A key is known only where it says what the layer is, so that a second one is refused.
    switch kinds.first(where: reader.has) {
    case "dense": return .dense(dense(reader))
    case "activation": return activationLayer(reader)
    case "dropout": return plain(reader) { .dropout(Dropout(reader.float("dropout", default: 0))) }
    case "alpha_dropout":
      return plain(reader) { .alphaDropout(AlphaDropout(reader.float("alpha_dropout", default: 0))) }
    case "gaussian_noise":
      return plain(reader) { .gaussianNoise(GaussianNoise(reader.float("gaussian_noise", default: 0))) }
    case "norm": return plain(reader) { norm(reader) }
    case "residual": return plain(reader) { residual(reader) }
    case "embedding": return plain(reader) { .embedding(reader.embedding()) }
    default:
      for key in kinds { _ = reader.node(key) }
      reader.finish()
      if reader.isSection {
        reader.problems.add(
          .value, reader.place, "\(reader.path) must have one of the keys \(Suggestion.list(kinds))",
          hint: "as in { dense: 64, activation: relu } or { activation: tanh }")
      }
      return nil
    }
  }

  /// A layer that has no other keys than those that `read` asks for.
  private static func plain(_ reader: SectionReader, _ read: () -> Layer?) -> Layer? {
    let layer = read()
    reader.finish(
      owner: "this layer",
      others: kinds + ActivationFunction.parameterNames + SectionReader.denseOptionKeys + [
        "slopeRegularizer", "epsilon", "momentum", "shift",
      ] + SectionReader.embeddingKeys)
    return layer
  }

  private static func norm(_ reader: SectionReader) -> Layer? {
    let kind = reader.choice("norm", default: "layer", among: ["layer", "rms", "batch"]) {
      ["layer", "rms", "batch"].contains($0) ? $0 : nil
    }
    if kind == "batch" { return .batchNorm(reader.batchNorm()) }
    if kind == "rms" { return .rmsNorm(RMSNorm(epsilon: reader.float("epsilon", default: RMSNorm().epsilon))) }
    return .layerNorm(LayerNorm(epsilon: reader.float("epsilon", default: LayerNorm().epsilon)))
  }

  private static func residual(_ reader: SectionReader) -> Layer? {
    list("residual", reader).map { .residual(Residual(layers: $0)) }
  }

  private static func activationLayer(_ reader: SectionReader) -> Layer {
    if case .scalar("glu", _) = reader.node("activation")?.value {
      reader.finish(
        owner: "the activation layer glu",
        others: ActivationFunction.parameterNames + SectionReader.denseOptionKeys + ["slopeRegularizer"])
      return .gatedLinear(GatedLinear())
    }
    let function = activation(reader)
    let slopes = function.learnsSlopes ? reader.regularizer("slopeRegularizer") : .none
    reader.finish(
      owner: "the activation layer \(function.name)",
      others: ActivationFunction.parameterNames + SectionReader.denseOptionKeys + ["slopeRegularizer"])
    return .activation(Activation(function, slopeRegularizer: slopes))
  }

  private static func dense(_ reader: SectionReader) -> Dense {
    let units = reader.whole("dense", default: 1, in: 1...unitLimit)
    let function = activation(reader)
    let initializer = reader.initializer()
    let usesBias = reader.flag("bias", default: true)
    let initialBias = reader.float("initialBias", default: 0)
    let learning = reader.learning(learnsSlopes: function.learnsSlopes)
    reader.finish(
      owner: "a dense layer with the activation \(function.name)",
      others: ActivationFunction.parameterNames + ["slopeRegularizer"])
    return Dense(
      units, activation: function, initializer: initializer, usesBias: usesBias, initialBias: initialBias,
      learning: learning)
  }

  private static func activation(_ reader: SectionReader) -> ActivationFunction {
    if case .scalar("glu", _) = reader.node("activation")?.value {
      reader.problems.add(
        .value, reader.node("activation")?.place ?? reader.place,
        "\(reader.dotted("activation")) is glu, which halves the width and so is a layer of its own",
        hint: "write { dense: … }, { activation: glu } with twice the units")
      for name in ActivationFunction.parameterNames { _ = reader.node(name) }
      return .linear
    }
    let function = reader.choice("activation", default: .linear, among: ActivationFunction.names) {
      ActivationFunction.named($0)
    }
    guard let function else {
      // The name is wrong already; which parameters it has is anybody's guess.
      for name in ActivationFunction.parameterNames { _ = reader.node(name) }
      return .linear
    }
    guard reader.has("activation") else { return function }
    var values: [String: ActivationParameter.Value] = [:]
    for parameter in function.settableParameters { values[parameter.name] = reader.value(of: parameter) }
    return function.with(values) ?? function
  }
}

extension ActivationFunction {
  /// Whether it has slopes to learn.
  fileprivate var learnsSlopes: Bool { learnedSlopeCount(units: 1) > 0 }
}
