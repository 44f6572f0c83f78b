import NeuronKernels
import PerceptronModel
import TrainingData
import TrainingRuntime

/// The version of the package, which models carry.
package let packageVersion = "0.1.0"

/// What `model.json` says: everything about a model but its weights.
package struct ModelDescription {
  static let format = "fascicle.model"
  /// The version of the keys' meaning; a key that only joins does not change it.
  static let version = 1

  var network: Network
  var loss: Loss
  var transform: FeatureTransform
  /// The classes that it tells apart; nil for models that answer with something else.
  var classCount: Int?
  var classNames: [String]?
  var preparation: TablePreparation?
  var targetScales: [PreparedScale]?
  var weightsSHA256: String
  var record: TrainingRecord?
}

// MARK: - Writing

extension ModelDescription {
  init(_ model: TrainedModel) {
    let classCount = if case .classes(let count) = model.outputReading.answer { count } else { Int?.none }
    self.init(
      network: model.network, loss: model.loss, transform: model.transform, classCount: classCount,
      classNames: model.classNames, preparation: model.preparation, targetScales: model.targetScales,
      weightsSHA256: model.weightsSHA256(), record: model.record)
  }

  /// The description as JSON.
  var json: JSONNode {
    var members: [JSONNode.Member] = [
      .init("format", .text(Self.format)), .init("version", .whole(Self.version)),
      .init("producer", .text("fascicle \(packageVersion)")),
      .init(
        "network",
        .object([.init("inputs", .whole(network.inputs)), .init("layers", .list(network.layers.map(\.json)))])),
      .init("loss", loss.json), .init("features", transform.json),
    ]
    if let classCount {
      var classes: [JSONNode.Member] = [.init("count", .whole(classCount))]
      if let classNames { classes.append(.init("names", .list(classNames.map(JSONNode.text)))) }
      members.append(.init("classes", .object(classes)))
    }
    if let preparation { members.append(.init("table", preparation.json)) }
    if let targetScales { members.append(.init("targets", .list(targetScales.map { .object($0.members) }))) }
    members.append(.init("weights_sha256", .text(weightsSHA256)))
    if let record { members.append(.init("training", record.json)) }
    return .object(members)
  }
}

extension Loss {
  /// The name, or an object with the parameters where one of them is not the usual one.
  fileprivate var json: JSONNode {
    guard !isUsual else { return .text(name) }
    return .object([.init("name", .text(name))] + parameters.map(\.member))
  }
}

extension ActivationParameter {
  fileprivate var member: JSONNode.Member {
    switch value {
    case .number(let number): .init(name, .float(number))
    case .word(let word): .init(name, .text(word))
    }
  }
}

extension Layer {
  fileprivate var json: JSONNode {
    switch self {
    case .embedding(let embedding): .object(embedding.members)
    case .dense(let dense):
      .object(
        [.init("dense", .whole(dense.units))] + dense.activation.members + [.init("bias", .flag(dense.usesBias))]
          + dense.optionMembers)
    case .activation(let activation): .object(activation.function.members + activation.optionMembers)
    case .dropout(let dropout): .object([.init("dropout", .float(dropout.rate))])
    case .alphaDropout(let dropout): .object([.init("alpha_dropout", .float(dropout.rate))])
    case .gaussianNoise(let noise): .object([.init("gaussian_noise", .float(noise.deviation))])
    case .layerNorm(let norm): .object([.init("norm", .text("layer")), .init("epsilon", .float(norm.epsilon))])
    case .rmsNorm(let norm): .object([.init("norm", .text("rms")), .init("epsilon", .float(norm.epsilon))])
    case .batchNorm(let norm): .object(norm.members)
    case .gatedLinear: .object([.init("activation", .text("glu"))])
    case .residual(let residual): .object([.init("residual", .list(residual.layers.map(\.json)))])
    }
  }
}

extension ActivationFunction {
  fileprivate var members: [JSONNode.Member] {
    [.init("activation", .text(name))] + parameters.map(\.member)
  }
}

extension FeatureTransform {
  /// One number where it serves all features.
  fileprivate var json: JSONNode {
    func values(_ values: [Float]) -> JSONNode {
      Set(values.map(\.bitPattern)).count == 1 ? .float(values[0]) : .list(values.map(JSONNode.float))
    }
    return .object([.init("scale", values(scale)), .init("shift", values(shift))])
  }
}

extension TrainingRecord {
  fileprivate var json: JSONNode {
    var members: [JSONNode.Member] = [
      .init("seed", .whole(seed)), .init("epochs", .whole(epochCount)), .init("steps", .whole(stepCount)),
      .init("optimizer", .text(optimizer)),
    ]
    if let run { members.append(.init("run", .text(run))) }
    if let test {
      members += [.init("test_samples", .whole(test.sampleCount)), .init("test_loss", .double(test.loss))]
      if let accuracy = test.accuracy { members.append(.init("test_accuracy", .double(accuracy))) }
    }
    return .object(members)
  }
}

// MARK: - Reading

extension ModelDescription {
  init(_ json: JSONPlace) throws(ModelExchangeError) {
    let format = try json["format"]
    guard try format.text() == Self.format else { throw format.wrong("'\(Self.format)'") }
    let version = try json["version"].whole(in: 1...Int.max)
    guard version <= Self.version else {
      throw ModelExchangeError(
        code: .unsupported,
        message: "\(json.file): the description has version \(version), but this program reads up to \(Self.version)",
        hint: "use the version of fascicle that wrote it")
    }
    network = try Self.network(json["network"])
    loss = try Self.loss(json["loss"])
    transform = try Self.transform(json["features"], featureCount: network.inputs)
    let classes = try json.member("classes")
    // A single output tells two classes apart.
    classCount = classes == nil ? nil : max(2, network.outputs)
    classNames = try Self.classNames(classes, count: max(2, network.outputs))
    let featureCount = network.inputs
    preparation = try json.member("table").map { (place) throws(ModelExchangeError) in
      try TablePreparation(place, featureCount: featureCount)
    }
    targetScales = try json.member("targets").map { (place) throws(ModelExchangeError) in
      try Self.targetScales(place)
    }
    weightsSHA256 = try json["weights_sha256"].text()
    record = try json.member("training").map { (place) throws(ModelExchangeError) in try Self.record(place) }
  }

  private static func network(_ place: JSONPlace) throws(ModelExchangeError) -> Network {
    Network(inputs: try place["inputs"].whole(in: 1...1 << 24), layers: try layers(place["layers"]))
  }

  private static func layers(_ place: JSONPlace) throws(ModelExchangeError) -> [Layer] {
    var layers: [Layer] = []
    for layer in try place.elements() { layers.append(try self.layer(layer)) }
    return layers
  }

  /// A layer that is neither dense nor an activation; nil for those.
  private static func plainLayer(_ place: JSONPlace) throws(ModelExchangeError) -> Layer? {
    if let width = try place.member("embedding") {
      return .embedding(try place.embedding(width: try width.whole(in: 1...1 << 24)))
    }
    if let rate = try place.member("dropout") { return .dropout(Dropout(try rate.float())) }
    if let rate = try place.member("alpha_dropout") { return .alphaDropout(AlphaDropout(try rate.float())) }
    if let deviation = try place.member("gaussian_noise") {
      return .gaussianNoise(GaussianNoise(try deviation.float()))
    }
    if let span = try place.member("residual") { return .residual(Residual(layers: try layers(span))) }
    guard let norm = try place.member("norm") else { return nil }
    if case .text("batch") = norm.node { return .batchNorm(try place.batchNorm()) }
    let epsilon = try place["epsilon"].float()
    return try choice(norm, among: ["layer", "rms", "batch"]) { name in
      switch name {
      case "layer": .layerNorm(LayerNorm(epsilon: epsilon))
      case "rms": .rmsNorm(RMSNorm(epsilon: epsilon))
      default: nil
      }
    }
  }

  private static func layer(_ place: JSONPlace) throws(ModelExchangeError) -> Layer {
    try place.requireLayerKind()
    if let layer = try plainLayer(place) { return layer }
    if let name = try place.member("activation"), case .text("glu") = name.node { return .gatedLinear(GatedLinear()) }
    let activation = try activation(place)
    let learning = try place.learning()
    guard let units = try place.member("dense") else {
      return .activation(Activation(activation, slopeRegularizer: learning.slopes))
    }
    let usesBias = try place.member("bias").map { (bias) throws(ModelExchangeError) in try bias.flag() }
    let initialBias = try place.member("initial_bias").map { (bias) throws(ModelExchangeError) in try bias.float() }
    return .dense(
      Dense(
        try units.whole(in: 1...1 << 24), activation: activation, initializer: try place.initializer(),
        usesBias: usesBias ?? true, initialBias: initialBias ?? 0, learning: learning))
  }

  /// The function under `activation`, with those of its parameters that stand beside it.
  private static func activation(_ place: JSONPlace) throws(ModelExchangeError) -> ActivationFunction {
    let usual = try choice(place["activation"], among: ActivationFunction.names) { ActivationFunction.named($0) }
    return usual.with(try values(of: usual.settableParameters, in: place)) ?? usual
  }

  /// The loss's name, or an object with the name and those of its parameters that stand beside it.
  private static func loss(_ place: JSONPlace) throws(ModelExchangeError) -> Loss {
    guard case .object = place.node else { return try choice(place, among: Loss.names) { Loss.named($0) } }
    let usual = try choice(place["name"], among: Loss.names) { Loss.named($0) }
    return usual.with(try values(of: usual.parameters, in: place)) ?? usual
  }

  private static func values(
    of parameters: [ActivationParameter], in place: JSONPlace
  ) throws(ModelExchangeError) -> [String: ActivationParameter.Value] {
    var values: [String: ActivationParameter.Value] = [:]
    for parameter in parameters {
      guard let value = try place.member(parameter.name) else { continue }
      values[parameter.name] =
        parameter.words.isEmpty
        ? .number(try value.float())
        : .word(try choice(value, among: parameter.words) { parameter.words.contains($0) ? $0 : nil })
    }
    return values
  }

  private static func transform(_ place: JSONPlace, featureCount: Int) throws(ModelExchangeError) -> FeatureTransform {
    let scale = try values(place["scale"], count: featureCount)
    let shift = try values(place["shift"], count: featureCount)
    do {
      return try FeatureTransform(scale: scale, shift: shift)
    } catch {
      throw .damaged(place.file, "\(place.path): \(error.message)")
    }
  }

  /// A number for each feature, or one for all.
  private static func values(_ place: JSONPlace, count: Int) throws(ModelExchangeError) -> [Float] {
    guard case .list = place.node else { return [Float](repeating: try place.float(), count: count) }
    var values: [Float] = []
    for element in try place.elements() { values.append(try element.float()) }
    guard values.count == count else {
      throw .damaged(
        place.file, "\(place.path) must have a number for each of \(count) features, but has \(values.count)")
    }
    return values
  }

  private static func targetScales(_ place: JSONPlace) throws(ModelExchangeError) -> [PreparedScale] {
    var scales: [PreparedScale] = []
    for element in try place.elements() { scales.append(try PreparedScale(element)) }
    return scales
  }

  private static func classNames(_ place: JSONPlace?, count: Int) throws(ModelExchangeError) -> [String]? {
    guard let place else { return nil }
    _ = try place["count"].whole(in: count...count)
    guard let list = try place.member("names") else { return nil }
    var names: [String] = []
    for name in try list.elements() { names.append(try name.text()) }
    guard names.count == count else {
      throw .damaged(place.file, "\(list.path) must have \(count) names, but has \(names.count)")
    }
    guard Set(names).count == count else {
      throw .damaged(place.file, "\(list.path) must have a name of its own for each class")
    }
    return names
  }

  private static func record(_ place: JSONPlace) throws(ModelExchangeError) -> TrainingRecord {
    var record = TrainingRecord(
      seed: try place["seed"].whole(in: 0...UInt64.max), epochCount: try place["epochs"].whole(in: 0...Int.max),
      stepCount: try place["steps"].whole(in: 0...Int.max), optimizer: try place["optimizer"].text())
    record.run = try place.member("run").map { (run) throws(ModelExchangeError) in try run.text() }
    if let loss = try place.member("test_loss") {
      record.test = Evaluation(
        loss: try loss.double(),
        accuracy: try place.member("test_accuracy").map { (value) throws(ModelExchangeError) in try value.double() },
        sampleCount: try place["test_samples"].whole(in: 0...Int.max))
    }
    return record
  }

  private static func choice<Value>(
    _ place: JSONPlace, among names: [String], make: (String) -> Value?
  ) throws(ModelExchangeError) -> Value {
    if let value = make(try place.text()) { return value }
    let near = if case .text(let text) = place.node { Suggestion.nearest(to: text, among: names) } else { String?.none }
    throw place.wrong("one of \(names.joined(separator: ", "))", hint: near.map { "did you mean '\($0)'?" })
  }
}
