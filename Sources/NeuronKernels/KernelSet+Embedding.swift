import CNeuronKernels

/// A table of vectors, one for each category of a feature, as `nk_embedding` takes it.
package struct EmbeddingTable: Sendable, Hashable {
  /// Features that come in, the category's among them.
  package let featureCount: Int
  /// Which of them is the category.
  package let column: Int
  package let categories: Int
  /// Values of a vector.
  package let width: Int

  package init(featureCount: Int, column: Int, categories: Int, width: Int) {
    self.featureCount = featureCount
    self.column = column
    self.categories = categories
    self.width = width
  }

  /// Numbers of the whole table.
  package var elementCount: Int { categories * width }
}

extension KernelSet {
  /// Panels with a vector in a category's place; see `nk_embedding`.
  package func embed(
    _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, by table: EmbeddingTable,
    vectors: UnsafePointer<Float>, sampleCount: Int
  ) {
    var arguments = nk_embedding(
      samples: sampleCount, features: table.featureCount, column: table.column, categories: table.categories,
      width: table.width, table: vectors, input: input, output: output)
    self.table.embed(&arguments)
  }

  /// The way back of an embedding; see `nk_embedding_backward`.
  package func embedBackward(
    _ outputGradient: UnsafePointer<Float>, by table: EmbeddingTable, sampleCount: Int,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_embedding_backward(
      samples: sampleCount, features: table.featureCount, column: table.column, width: table.width,
      output_gradient: outputGradient, input_gradient: inputGradient)
    self.table.embed_backward(&arguments)
  }

  /// Some elements of a table's gradient; see `nk_embedding_gradient`.
  package func embeddingGradient(
    of table: EmbeddingTable, elements: Range<Int>, sampleCount: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_embedding_gradient(
      samples: sampleCount, features: table.featureCount, column: table.column, categories: table.categories,
      width: table.width, first: elements.lowerBound, count: elements.count, input: input,
      output_gradient: outputGradient, gradient: gradient)
    self.table.embedding_gradient(&arguments)
  }

  /// Sample rows with a vector in a category's place; see `nk_row_embedding`.
  package func rowEmbed(
    _ input: SampleRows<UnsafePointer<Float>>, to output: SampleRows<UnsafeMutablePointer<Float>>,
    by table: EmbeddingTable, vectors: UnsafePointer<Float>, sampleCount: Int
  ) {
    var arguments = nk_row_embedding(
      samples: sampleCount, features: table.featureCount, column: table.column, categories: table.categories,
      width: table.width, input_stride: input.stride, output_stride: output.stride, table: vectors, input: input.values,
      output: output.values)
    self.table.row_embed(&arguments)
  }
}
