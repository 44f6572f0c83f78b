import Fascicle

/// Gives refusals of other rooms the place in the configuration that they are about.
extension RunConfiguration {
  /// Runs `body`; what it has against the network is thrown with its place.
  func placing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PerceptronModelError {
      throw placed(error)
    }
  }

  /// A refusal of the network, at the layer that it is about or at the list of all; as it is where the list is the default.
  func placed(_ error: PerceptronModelError) -> RunConfigurationError {
    let isLoss = error.code == .lossParameter
    let place =
      (isLoss ? places["loss"] : nil) ?? place(ofLayer: error.layer, isActivation: error.code == .untrainable)
      ?? places["network.layers"] ?? places["loss"]
    return RunConfigurationError(.value, place ?? .standard, error.message, hint: error.hint)
  }

  /// Where the layer of a number such as `3.1`, the first inside the third, was written.
  ///
  /// - Parameter isActivation: whether its activation is meant, which has a place of its own where one was chosen.
  private func place(ofLayer number: String?, isActivation: Bool) -> SourcePlace? {
    guard let number else { return nil }
    let indices = number.split(separator: ".").compactMap { Int($0) }.map { "\($0 - 1)" }
    let path = "network.layers.\(indices.joined(separator: ".residual."))"
    return (isActivation ? places["\(path).activation"] : nil) ?? places[path]
  }

  /// Refuses class weights that do not fit the data.
  func checkClassWeights(for data: RunData) throws(RunConfigurationError) {
    do {
      _ = try training.classWeights.weights(for: data.training)
    } catch {
      throw RunConfigurationError(
        .value, places["training.classWeights"] ?? .standard, "training.classWeights: \(error.message)",
        hint: error.hint)
    }
  }
}
