import Fascicle

extension RunConfiguration {
  /// The network for samples of `inputs` features.
  public func network(inputs: Int) -> Network { Network(inputs: inputs, layers: layers) }

  /// Refuses layers and losses that cannot work whatever the data are.
  func checkNetwork() throws(RunConfigurationError) {
    do {
      // How many inputs there are, only the data say; any number that has all embedded columns is as good here.
      _ = try NetworkProgram(network(inputs: layers.leastInputs), loss: loss)
    } catch {
      // A span or a gate before the first dense layer is as wide as the data; the trainer will see.
      if error.code == .mismatch, layers.widthFollowsInputs { return }
      throw placed(error)
    }
  }

  /// Refuses data that the last layer's width does not fit.
  func checkOutputs(for dataset: Dataset) throws(RunConfigurationError) {
    let expected = expectedOutputs(for: dataset), outputs = network(inputs: dataset.featureCount).outputs
    if case .classes(let count, _) = dataset.targets, outputs <= expected,
      loss.accepts(classCount: count, outputs: outputs)
    {
      return
    }
    guard outputs != expected else { return }
    let isDefault = places["network.layers"] == nil && places["network"] == nil && layers == RunConfiguration().layers
    guard !isDefault else {
      throw missingNetwork(for: dataset, expected: expected, outputs: outputs)
    }
    let index = layers.lastIndex { if case .dense = $0 { true } else { false } } ?? 0
    let place = places["network.layers.\(index).dense"] ?? places["network.layers"] ?? .standard
    if case .values = dataset.targets {
      throw RunConfigurationError(
        .value, place,
        "the last dense layer must have \(expected) \(expected == 1 ? "unit" : "units"), one for each target of "
          + "\(dataset.name), but has \(outputs)",
        hint: "write { dense: \(expected) }, and the loss mean_squared_error"
          + (loss.learnsClasses ? "; labels of classes are whole numbers" : ""))
    }
    throw RunConfigurationError(
      .value, place,
      "the last dense layer must have \(expected) units, one for each class of \(dataset.name), but has \(outputs)",
      hint: "write { dense: \(expected), activation: softmax }")
  }

  /// Where nobody wrote a network, the default one is not to blame.
  private func missingNetwork(for dataset: Dataset, expected: Int, outputs: Int) -> RunConfigurationError {
    let isClasses = if case .classes = dataset.targets { true } else { false }
    let what = isClasses ? "classes" : expected == 1 ? "target" : "targets"
    let last = isClasses ? "{ dense: \(expected), activation: softmax }" : "{ dense: \(expected) }"
    let place = places["data"] ?? places["data.format"] ?? .standard
    return RunConfigurationError(
      .value, place,
      "\(dataset.name) has \(expected) \(what), but there is no network for it, and the default one puts out \(outputs)",
      hint: "write network: { layers: [{ dense: 64, activation: relu }, \(last)] }"
        + (isClasses ? "" : " and loss: mean_squared_error"))
  }

  private func expectedOutputs(for dataset: Dataset) -> Int {
    switch dataset.targets {
    case .classes(let count, _): count
    case .values(let width, _): loss.outputCount(forTargets: width)
    }
  }
}

extension [Layer] {
  /// One input, or as many as there are up to the last column that is embedded.
  var leastInputs: Int {
    let columns = compactMap { layer -> Int? in
      if case .embedding(let embedding) = layer { embedding.column } else { nil }
    }
    return 1 + (columns.max() ?? 0)
  }

  /// Whether the width of the inputs decides if the layers fit together.
  fileprivate var widthFollowsInputs: Bool {
    for layer in self {
      switch layer {
      case .dense: return false
      case .residual, .gatedLinear: return true
      default: continue
      }
    }
    return false
  }
}
