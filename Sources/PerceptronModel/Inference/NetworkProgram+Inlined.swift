import NeuronKernels

extension NetworkProgram {
  /// The same network with one layer a stage: each activation inside the dense layer before it, linear ones left out.
  ///
  /// A program of it has the same stages in the same places.
  package var inlinedNetwork: Network {
    var built: [(firstStage: Int, layer: Layer)] = []
    for (index, stage) in stages.enumerated() {
      guard case .add(let source) = stage.operation else {
        built.append((index, layer(of: stage)))
        continue
      }
      // What stands behind the source is the span, residual connections within it done already.
      let span = built.drop { $0.firstStage <= source }
      built.removeLast(span.count)
      built.append((span[span.startIndex].firstStage, .residual(Residual(layers: span.map(\.layer)))))
    }
    return Network(inputs: inputCount, layers: built.map(\.layer))
  }

  private func layer(of stage: Stage) -> Layer {
    switch stage.operation {
    case .change(.noise(let deviation)): return .gaussianNoise(GaussianNoise(deviation))
    case .change(.drop(let rate, _, let shift, _)):
      return shift == 0 ? .dropout(Dropout(rate)) : .alphaDropout(AlphaDropout(rate))
    case .normalize(centers: true, let epsilon): return .layerNorm(LayerNorm(epsilon: epsilon))
    case .normalize(centers: false, let epsilon): return .rmsNorm(RMSNorm(epsilon: epsilon))
    case .batchNormalize(let momentum, let epsilon):
      return .batchNorm(
        BatchNorm(
          momentum: momentum, epsilon: epsilon, usesGain: !stage.slopes.isEmpty, usesShift: !stage.bias.isEmpty))
    case .embed(let column, _, let categories):
      return .embedding(
        Embedding(
          column: column, categories: categories, width: stage.outputCount - stage.inputCount + 1,
          initializer: stage.chosenInitializer, regularizer: stage.learning.weights, isFrozen: stage.learning.isFrozen,
          rateFactor: stage.learning.rateFactor, decays: stage.learning.decays))
    case .gate: return .gatedLinear(GatedLinear())
    case .activate, .add: break
    }
    guard let shape = stage.dense else {
      return .activation(Activation(stage.activation, slopeRegularizer: stage.learning.slopes))
    }
    return .dense(
      Dense(
        shape.outputCount, activation: stage.activation, initializer: stage.chosenInitializer,
        usesBias: !stage.bias.isEmpty, initialBias: stage.initialBias, learning: stage.learning))
  }
}
