import NeuronKernels

extension StageBuilder {
  /// Each column is a stage of its own: it takes the category out and lays the vector behind what is left.
  mutating func appendEmbedding(_ embedding: Embedding, number: String) throws(PerceptronModelError) {
    let name = "layer \(number) (\(embedding.summary))"
    guard !number.contains("."), stages.allSatisfy({ $0.operation.embedded != nil }) else {
      throw PerceptronModelError(
        code: .mismatch, message: "\(name) takes a column of the data, but stands behind another layer",
        hint: "let embeddings be the first layers")
    }
    let earlier = stages.compactMap { $0.operation.embedded?.column }
    let columns = inputCount
    guard (0..<columns).contains(embedding.column) else {
      throw PerceptronModelError(
        code: .mismatch,
        message: "\(name) takes the column \(embedding.column), but the data have "
          + (columns == 1 ? "the column 0 alone" : "the columns 0 to \(columns - 1)"))
    }
    guard !earlier.contains(embedding.column) else {
      throw PerceptronModelError(
        code: .mismatch, message: "\(name) takes a column that an embedding before it has taken")
    }
    try requireCounts(of: embedding, in: name)
    let position = embedding.column - earlier.count { $0 < embedding.column }
    let vectors = place(embedding.categories * embedding.width, parameters: embedding.categories * embedding.width)
    stages.append(
      Stage(
        dense: nil,
        operation: .embed(column: embedding.column, position: position, categories: embedding.categories),
        inputCount: width, outputCount: width - 1 + embedding.width, activation: .linear,
        chosenInitializer: embedding.initializer, learning: embedding.learning, weights: vectors,
        bias: vectorCount..<vectorCount, slopes: vectorCount..<vectorCount))
    names.append(name)
    width += embedding.width - 1
  }

  /// Categories come as singles, which count whole numbers up to 2²⁴.
  private func requireCounts(of embedding: Embedding, in name: String) throws(PerceptronModelError) {
    for (count, what) in [(embedding.categories, "categories"), (embedding.width, "width")]
    where !(1...1 << 24).contains(count) {
      throw PerceptronModelError(
        code: .width,
        message: "\(name) needs a number of \(what == "width" ? "values of a vector" : what) between 1 and "
          + "\(1 << 24), but has \(count)")
    }
    guard embedding.categories <= (1 << 36) / embedding.width else {
      throw PerceptronModelError(
        code: .width, message: "\(name) would have \(embedding.categories) × \(embedding.width) numbers, beyond 2^36")
    }
    if let refusal = embedding.learning.refusal {
      throw PerceptronModelError(code: .parameter, message: "\(name) needs \(refusal)")
    }
    for parameter in embedding.initializer?.parameters ?? [] {
      guard let refusal = parameter.refusal else { continue }
      throw PerceptronModelError(code: .parameter, message: "\(name) needs \(refusal)")
    }
  }
}
