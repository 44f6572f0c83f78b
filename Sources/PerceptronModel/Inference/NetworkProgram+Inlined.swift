extension NetworkProgram {
  /// The same network with one layer a stage: each activation inside the dense layer before it, linear ones left out.
  ///
  /// A program of it has the same stages in the same places. Initializers are left out; the weights are drawn already.
  package var inlinedNetwork: Network {
    Network(
      inputs: inputCount,
      layers: stages.map { stage in
        guard let shape = stage.dense else { return .activation(Activation(stage.activation)) }
        return .dense(
          Dense(shape.outputCount, activation: stage.activation, usesBias: !stage.bias.isEmpty))
      })
  }
}
