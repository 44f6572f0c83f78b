import NeuronKernels

/// The parameters of one stage in the order people and files use.
package struct StageParameters: Sendable, Hashable {
  /// Row-major `[output][input]`, or `[category][value]` of an embedding; empty for an activation alone.
  package var weights: [Float]
  package var bias: [Float]
  package var slopes: [Float]
  /// What a batch normalization has seen; empty for any other stage.
  package var runningMean: [Float]
  package var runningVariance: [Float]

  package init(
    weights: [Float], bias: [Float], slopes: [Float] = [], runningMean: [Float] = [], runningVariance: [Float] = []
  ) {
    self.weights = weights
    self.bias = bias
    self.slopes = slopes
    self.runningMean = runningMean
    self.runningVariance = runningVariance
  }
}

extension NetworkProgram {
  /// Draws the initial parameters into a zeroed vector of `vectorCount` floats.
  ///
  /// - Complexity: one random block for four weights.
  package func initialize(_ vector: UnsafeMutablePointer<Float>, seed: UInt64) {
    for (index, stage) in stages.enumerated() {
      if let shape = stage.dense {
        initialize(vector + stage.weights.lowerBound, stage, shape, layer: index, seed: seed)
        let drawn = stage.initializer.biases(seed: seed, layer: index, shape: shape)
        for (unit, place) in stage.bias.enumerated() { vector[place] = drawn?[unit] ?? stage.initialBias }
      }
      if let table = stage.embeddingTable {
        initializeVectors(vector + stage.weights.lowerBound, table, of: stage, layer: index, seed: seed)
      }
      if stage.operation.isNormalization { for place in stage.slopes { vector[place] = 1 } }
      for place in stage.runningVariance { vector[place] = 1 }
      guard let slope = stage.activation.initialSlope, !stage.slopes.isEmpty else { continue }
      for place in stage.slopes { vector[place] = slope }
    }
  }

  private func initialize(
    _ weights: UnsafeMutablePointer<Float>, _ stage: Stage, _ shape: DenseShape, layer: Int, seed: UInt64
  ) {
    if let matrix = stage.initializer.wholeMatrix(seed: seed, layer: layer, shape: shape) {
      return copy(matrix, into: weights, shape)
    }
    for panel in stride(from: 0, to: shape.inputCount, by: PanelLayout.laneCount) {
      for output in 0..<shape.outputCount {
        let row = weights + PanelLayout.weightIndex(input: panel, output: output, outputCount: shape.outputCount)
        for lane in stride(from: 0, to: min(PanelLayout.laneCount, shape.inputCount - panel), by: 4) {
          let drawn = stage.initializer.weights(
            seed: seed, layer: layer, firstInput: panel + lane, output: output, shape: shape)
          for next in 0..<min(4, shape.inputCount - panel - lane) { row[lane + next] = drawn[next] }
        }
      }
    }
  }

  private func copy(_ rows: [Float], into weights: UnsafeMutablePointer<Float>, _ shape: DenseShape) {
    for (position, value) in rows.enumerated() {
      let (output, input) = position.quotientAndRemainder(dividingBy: shape.inputCount)
      weights[PanelLayout.weightIndex(input: input, output: output, outputCount: shape.outputCount)] = value
    }
  }

  /// Copies one stage's parameters out of `vector`, row-major.
  package func parameters(ofStage index: Int, in vector: UnsafePointer<Float>) -> StageParameters {
    let stage = stages[index]
    var weights: [Float] = stage.embeddingTable == nil ? [] : stage.weights.map { vector[$0] }
    if let shape = stage.dense {
      weights = [Float](unsafeUninitializedCapacity: shape.inputCount * shape.outputCount) { rows, count in
        for output in 0..<shape.outputCount {
          for input in 0..<shape.inputCount {
            let place = PanelLayout.weightIndex(input: input, output: output, outputCount: shape.outputCount)
            rows.initializeElement(at: output * shape.inputCount + input, to: vector[stage.weights.lowerBound + place])
          }
        }
        count = shape.inputCount * shape.outputCount
      }
    }
    return StageParameters(
      weights: weights, bias: stage.bias.map { vector[$0] }, slopes: stage.slopes.map { vector[$0] },
      runningMean: stage.runningMean.map { vector[$0] }, runningVariance: stage.runningVariance.map { vector[$0] })
  }

  /// Copies row-major parameters of one stage into `vector`.
  ///
  /// - Precondition: the counts are the stage's.
  package func setParameters(_ parameters: StageParameters, ofStage index: Int, in vector: UnsafeMutablePointer<Float>)
  {
    let stage = stages[index]
    let weightCount = stage.dense.map { $0.inputCount * $0.outputCount } ?? stage.weights.count
    precondition(
      parameters.weights.count == weightCount && parameters.bias.count == stage.bias.count
        && parameters.slopes.count == stage.slopes.count,
      "expected \(weightCount) weights, \(stage.bias.count) biases and \(stage.slopes.count) slopes for \(stageNames[index]), got "
        + "\(parameters.weights.count), \(parameters.bias.count) and \(parameters.slopes.count)")
    if stage.embeddingTable != nil {
      for (place, value) in zip(stage.weights, parameters.weights) { vector[place] = value }
    }
    for (position, value) in parameters.weights.enumerated() where stage.dense != nil {
      let place = PanelLayout.weightIndex(
        input: position % stage.inputCount, output: position / stage.inputCount, outputCount: stage.outputCount)
      vector[stage.weights.lowerBound + place] = value
    }
    for (place, value) in zip(stage.bias, parameters.bias) { vector[place] = value }
    for (place, value) in zip(stage.slopes, parameters.slopes) { vector[place] = value }
    // Statistics that nobody gives stay as they are.
    for (place, value) in zip(stage.runningMean, parameters.runningMean) { vector[place] = value }
    for (place, value) in zip(stage.runningVariance, parameters.runningVariance) { vector[place] = value }
  }
}
