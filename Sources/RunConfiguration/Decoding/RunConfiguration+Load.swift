import Fascicle

extension RunConfiguration {
  /// Reads a configuration: the defaults, then the file's values, then the overrides' in their order.
  ///
  /// Relative paths of data are taken from the file's folder where the file gives them, and from the current folder
  /// where an override does.
  /// - Parameters:
  ///   - path: the file; nil for the defaults alone.
  ///   - overrides: `key=value` with the dotted path of a key, as in `network.layers.0.dense=64`.
  /// - Throws: ``RunConfigurationError`` with every unknown key and wrong value, each with its place.
  public static func load(
    path: String? = nil, overrides: [String] = []
  ) throws(RunConfigurationError) -> RunConfiguration {
    guard let path else { return try load(SourceNode(place: .standard, value: .section([])), overrides: overrides) }
    return try load(text: try ConfigurationFile.text(at: path), path: path, overrides: overrides)
  }

  /// Reads a configuration from text; `path` is what messages call it and where relative paths begin.
  package static func load(
    text: String, path: String, overrides: [String] = []
  ) throws(RunConfigurationError) -> RunConfiguration {
    let whole = SourcePlace.file(path)
    let root = try YAMLReader.read(text, from: whole) {
      .position(file: path, line: $0.line, column: $0.column)
    }
    guard let root, root.value != .scalar("", isQuoted: false) else {
      throw RunConfigurationError(
        .notYAML, whole, "the configuration is empty", hint: "for all defaults, give no file or write {}")
    }
    return try load(root, overrides: overrides)
  }

  private static func load(
    _ root: SourceNode, overrides: [String]
  ) throws(RunConfigurationError) -> RunConfiguration {
    var root = root
    guard case .section = root.value else {
      throw RunConfigurationError(
        .notYAML, root.place, "a configuration is a section of keys such as 'training:', but this is \(root.wording)")
    }
    for text in overrides { try Override(text).apply(to: &root) }
    return try RunConfiguration(root)
  }

  private init(_ root: SourceNode) throws(RunConfigurationError) {
    self.init()
    let problems = ProblemList()
    let reader = SectionReader(root, path: "", example: "training: …", problems: problems)
    data = DataConfiguration(reader.section("data", example: "format: digits"))
    suitDefaults(to: data.source)
    layers = LayerList.read(reader.section("network", example: "layers: […]"), default: layers)
    suitDefaultLoss()
    loss = .read(reader, default: loss)
    optimizer = OptimizerConfiguration(reader.namedSection("optimizer", example: "name: adam")) ?? optimizer
    schedule = .read(reader.namedSection("schedule", example: "name: cosine"), default: schedule)
    training = TrainingConfiguration(reader.section("training", example: "epochs: 10"))
    checkpoint = .read(reader)
    runtime = .read(reader.section("runtime", example: "workers: auto"))
    reader.finish()
    try problems.throwIfAny()
    places = problems.places
    suitTable()
    try checkLabelScale()
    try checkNetwork()
  }

  /// Lets a table's label be what the loss learns, and leaves the scaling of its columns as the only one unless another was
  /// asked for.
  private mutating func suitTable() {
    guard case .table(var table) = data.source else { return }
    // A single output meets a number; texts would silently become the numbers of their classes.
    let mayHaveClasses = loss.acceptsLabels && network(inputs: layers.leastInputs).outputs > 1
    table.recipe.goal = loss.learnsClasses ? .classes : mayHaveClasses ? .automatic : .values
    data.source = .table(table)
    if places["training.normalize"] == nil { training.normalization = .none }
  }

  /// Refuses to scale a label whose loss takes its values for what they are.
  private func checkLabelScale() throws(RunConfigurationError) {
    var scaling = data.labelScaling
    if case .table(let table) = data.source { scaling = table.recipe.labelScaling }
    guard scaling != .none else { return }
    switch loss {
    case .meanSquaredError, .meanAbsoluteError, .huber, .logCosh, .quantile: return
    default:
      throw RunConfigurationError(
        .value, places["data.labelScale"] ?? .standard,
        "data.labelScale cannot be \(scaling.rawValue) for the loss \(loss.name)",
        hint: "mean_squared_error, mean_absolute_error, huber, log_cosh and quantile learn values in any scale")
    }
  }

  /// Lets the loss that nobody asked for be the one that goes with a single output: two classes by a sigmoid, or a value.
  private mutating func suitDefaultLoss() {
    let network = network(inputs: layers.leastInputs)
    guard network.outputs == 1, let last = network.lastActivation else { return }
    loss = last == .sigmoid ? .binaryCrossEntropy() : .meanSquaredError
  }

  /// Lets the network and loss that nobody asked for end as drawn samples want them.
  private mutating func suitDefaults(to source: DataConfiguration.Source) {
    guard case .synthetic(let drawn) = source else { return }
    let last = drawn.classes > 0 ? Dense(drawn.classes, activation: .softmax) : Dense(1)
    layers[layers.count - 1] = .dense(last)
    if drawn.classes == 0 { loss = .meanSquaredError }
  }
}

extension Loss {
  /// Whether numbers in a label's column are classes to this loss, rather than values to be met.
  package var learnsClasses: Bool {
    switch self {
    case .binaryCrossEntropy, .binaryFocal, .hinge, .squaredHinge: true
    default: tellsClasses
    }
  }
}
