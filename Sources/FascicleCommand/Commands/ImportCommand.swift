import ArgumentParser
import Fascicle
import RunConfiguration
import TrainingData

/// `fascicle import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a model of weights that PyTorch, scikit-learn or another program trained.",
    discussion: """
      WEIGHTS is a safetensors file or an archive of NumPy. A file of weights has no
      activations, so CONFIG says what the layers are: its network and loss count, and
      nothing is trained. Layers are matched in order, and every shape must agree. What
      came from where is told; where a sorted file leaves the order open, --map says it.
      A scaler of scikit-learn in the archive, scaler.mean_ and scaler.scale_, scales the
      features of the model; --scale says the same for weights that come without.

      Examples:
        fascicle import state_dict.safetensors --config net.yaml --output runs/imported
        fascicle import sklearn.npz --config net.yaml --output runs/imported
        fascicle import w.safetensors --config net.yaml --output m --map layers.0=encoder
        fascicle import w.safetensors --config net.yaml --output m --scale mean.npy,deviation.npy
      """)

  @Argument(help: ArgumentHelp("A safetensors file or an archive of NumPy (.npz).", valueName: "WEIGHTS"))
  var weights: String

  @Option(help: ArgumentHelp("The configuration whose network and loss the weights are for.", valueName: "CONFIG"))
  var config: String

  @Option(help: ArgumentHelp("The folder to write the model to, made if missing.", valueName: "DIR"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Which layer of the file a layer of the network is; may be given several times.", valueName: "LAYER=NAME"))
  var map: [String] = []

  @Option(
    help: ArgumentHelp(
      "Subtract MEAN from every feature and divide by DEVIATION: two arrays of NumPy, or two numbers.",
      valueName: "MEAN,DEVIATION"))
  var scale: String?

  @Flag(help: "Write one JSON object in place of the report.")
  var json = false

  func validate() throws {
    _ = try names
    _ = try scalePair
  }

  private var scalePair: (mean: String, deviation: String)? {
    get throws {
      guard let scale else { return nil }
      let parts = scale.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts.contains("") else {
        throw ValidationError("--scale must be MEAN,DEVIATION such as mean.npy,deviation.npy, but is '\(scale)'")
      }
      return (parts[0], parts[1])
    }
  }

  private var names: [String: String] {
    get throws {
      var names: [String: String] = [:]
      for text in map {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw ValidationError("--map must be LAYER=NAME such as layers.0=encoder, but is '\(text)'")
        }
        guard names.updateValue(parts[1], forKey: parts[0]) == nil else {
          throw ValidationError("--map names \(parts[0]) twice")
        }
      }
      return names
    }
  }

  func run() throws {
    let configuration = try RunConfiguration.load(path: config), file = try WeightsFile(path: weights)
    guard let inputs = try ImportedModel.inputCount(of: configuration.layers, in: file), inputs > 0 else {
      throw ModelExchangeError(
        code: .mismatch, message: "\(weights): no weights of a dense layer are there, so that the inputs are unknown",
        hint: "'fascicle inspect \(weights)' shows what it holds")
    }
    let imported = try ImportedModel(
      configuration.network(inputs: inputs), loss: configuration.loss, weights: file, names: names,
      transform: transform(featureCount: inputs))
    try imported.model.write(folder: output)
    try StandardOutput.write(json ? event(imported).line() : text(imported))
  }

  /// What `--scale` says is done to the features.
  private func transform(featureCount: Int) throws -> FeatureTransform? {
    guard let (mean, deviation) = try scalePair else { return nil }
    return try FeatureTransform(
      means: Self.values(mean, "mean", featureCount), deviations: Self.values(deviation, "deviation", featureCount))
  }

  /// A number for every feature from an array, or from one number that serves all.
  private static func values(_ text: String, _ name: String, _ featureCount: Int) throws -> [Double] {
    let values: [Double], shape: [Int]
    if let number = DecimalNumber.float(text) {
      (values, shape) = ([Double(number)], [])
    } else {
      let array = try NumberArray(reading: text)
      (values, shape) = (array.floats.map(Double.init), array.shape)
    }
    if values.count == 1 { return Array(repeating: values[0], count: featureCount) }
    guard values.count == featureCount else {
      throw ModelExchangeError(
        code: .mismatch,
        message: "\(text): expected a \(name) for each of \(featureCount) features, got an array \(shape)")
    }
    return values
  }

  private func text(_ imported: ImportedModel) -> String {
    var lines = LabelledLines()
    lines.add("model", "\(output): \(imported.model.network)")
    lines.add("weights", imported.origins.map(Self.line))
    lines.add("features", features(of: imported))
    return lines.text
  }

  private func features(of imported: ImportedModel) -> String {
    if !imported.scalerTensors.isEmpty {
      return "scaled by " + imported.scalerTensors.map { "\($0.name) \($0.shape)" }.joined(separator: " and ")
    }
    if let scale { return "scaled by \(scale)" }
    return "taken as they are: scale them as they were scaled for \(weights), or say --scale MEAN,DEVIATION"
  }

  private static func line(_ origin: ImportedModel.Origin) -> String {
    let notes = [
      origin.isTransposed ? "transposed" : nil, origin.isExact ? nil : "rounded from \(origin.elementType)",
    ].compactMap { $0 }
    let note = notes.isEmpty ? "" : ", " + notes.joined(separator: ", ")
    return "\(origin.tensor) ← \(origin.source) \(origin.shape)\(note)"
  }

  private func event(_ imported: ImportedModel) -> JSONEvent {
    JSONEvent(
      name: "import",
      fields: [
        "model": .text(output), "weights": .text(weights), "weights_sha256": .text(imported.model.weightsSHA256()),
        "scaler": .list(imported.scalerTensors.map { .text($0.name) }),
        "tensors": .list(
          imported.origins.map { origin in
            .object([
              "tensor": .text(origin.tensor), "source": .text(origin.source),
              "shape": .list(origin.shape.map(JSONValue.whole)), "element_type": .text(origin.elementType),
              "transposed": .flag(origin.isTransposed), "exact": .flag(origin.isExact),
            ])
          }),
      ])
  }
}
