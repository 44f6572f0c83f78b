import Fascicle

extension RunConfiguration {
  /// The network for samples of `inputs` features.
  public func network(inputs: Int) -> Network { Network(inputs: inputs, layers: layers) }

  /// Refuses layers and losses that cannot work whatever the data are.
  func checkNetwork() throws(RunConfigurationError) {
    do {
      // How many inputs there are, only the data say; one is as good as any here.
      _ = try NetworkProgram(network(inputs: 1), loss: loss)
    } catch {
      let place = places["network.layers"] ?? places["loss"] ?? .standard
      throw RunConfigurationError(.value, place, error.message, hint: error.hint)
    }
  }

  /// Refuses data that the last layer's width does not fit.
  func checkOutputs(for dataset: Dataset) throws(RunConfigurationError) {
    let expected = dataset.targets.outputCount, outputs = network(inputs: dataset.featureCount).outputs
    guard outputs != expected else { return }
    let index = layers.lastIndex { if case .dense = $0 { true } else { false } } ?? 0
    let place = places["network.layers.\(index).dense"] ?? places["network.layers"] ?? .standard
    if case .values = dataset.targets {
      throw RunConfigurationError(
        .value, place,
        "the last dense layer must have \(expected) \(expected == 1 ? "unit" : "units"), one for each target of "
          + "\(dataset.name), but has \(outputs)",
        hint: "write { dense: \(expected) }, and the loss mean_squared_error")
    }
    throw RunConfigurationError(
      .value, place,
      "the last dense layer must have \(expected) units, one for each class of \(dataset.name), but has \(outputs)",
      hint: "write { dense: \(expected), activation: softmax }")
  }
}
