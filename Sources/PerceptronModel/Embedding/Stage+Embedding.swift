import NeuronKernels

extension StageOperation {
  /// The column of the data that the stage embeds, and its categories; nil where it embeds none.
  package var embedded: (column: Int, categories: Int)? {
    guard case .embed(let column, _, let categories) = self else { return nil }
    return (column, categories)
  }
}

extension Stage {
  /// The stage's table of vectors; nil where it is no embedding.
  package var embeddingTable: EmbeddingTable? {
    guard case .embed(_, let position, let categories) = operation else { return nil }
    return EmbeddingTable(
      featureCount: inputCount, column: position, categories: categories, width: outputCount - inputCount + 1)
  }
}

extension NetworkProgram {
  /// Columns of the data that hold category numbers, with the stages that embed them.
  package var embeddedColumns: [(stage: Int, column: Int, categories: Int)] {
    stages.indices.compactMap { index in
      stages[index].operation.embedded.map { (index, $0.column, $0.categories) }
    }
  }

  /// Draws a stage's vectors: each is the weights of a unit that has as many inputs as a vector has values.
  func initializeVectors(
    _ vectors: UnsafeMutablePointer<Float>, _ table: EmbeddingTable, of stage: Stage, layer: Int, seed: UInt64
  ) {
    let shape = DenseShape(inputCount: table.width, outputCount: table.categories)
    let initializer = stage.chosenInitializer ?? .randomUniform()
    if let matrix = initializer.wholeMatrix(seed: seed, layer: layer, shape: shape) {
      for (place, value) in matrix.enumerated() { vectors[place] = value }
      return
    }
    for category in 0..<table.categories {
      for first in stride(from: 0, to: table.width, by: 4) {
        let drawn = initializer.weights(seed: seed, layer: layer, firstInput: first, output: category, shape: shape)
        for next in 0..<min(4, table.width - first) { vectors[category * table.width + first + next] = drawn[next] }
      }
    }
  }
}

extension BoundNetwork {
  /// Some elements of the gradient of a stage's vectors, counted from its first, over the first `sampleCount` samples.
  package func vectorGradient(
    ofStage index: Int, elements: Range<Int>, sampleCount: Int, kernels: KernelSet,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let bound = stages[index]
    guard let table = bound.stage.embeddingTable else { return }
    let values = index == 0 ? input : stages[index - 1].output
    kernels.embeddingGradient(
      of: table, elements: elements, sampleCount: sampleCount, input: values.unsafelyUnwrapped,
      outputGradient: bound.gradient.unsafelyUnwrapped, into: gradient)
  }
}
