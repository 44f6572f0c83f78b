import PerceptronModel
import Testing

@Suite("Embeddings in a network")
struct EmbeddingFormTests {
  private static let network = Network(inputs: 6) {
    Embedding(column: 4, categories: 12, width: 3)
    Embedding(column: 1, categories: 5, width: 2, isFrozen: true)
    Embedding(column: 5, categories: 300, width: 1)
    Dense(7, activation: .tanh)
    Dense(2)
  }

  @Test("are stages of their own, each of which takes its column from what the earlier ones left")
  func stages() throws {
    let program = try NetworkProgram(Self.network, loss: .meanSquaredError)
    #expect(
      program.stageNames.prefix(3) == [
        "layer 1 (embedding 3 of column 4)", "layer 2 (embedding 2 of column 1)", "layer 3 (embedding 1 of column 5)",
      ])
    #expect(program.stages.prefix(3).map { $0.embeddingTable?.column } == [4, 1, 3])
    #expect(program.stages.map(\.outputCount) == [8, 9, 9, 7, 2])
    #expect(program.parameterCount == 36 + 10 + 300 + 70 + 16)
    #expect(program.embeddedColumns.map(\.column) == [4, 1, 5])
    #expect(program.lowestLearningStage == 0)
    #expect(Self.network.outputs == 2)
    #expect(
      Self.network.description
        == "6 → embedding 3 of column 4 → embedding 2 of column 1 → embedding 1 of column 5 → 7 tanh → 2")
    #expect(try NetworkProgram(program.inlinedNetwork, loss: .meanSquaredError).stages == program.stages)
  }

  @Test("vectors begin within 0.05 of zero, each with its own numbers, or as an initializer says")
  func vectors() throws {
    let vector = try ParameterVector(NetworkProgram(Self.network, loss: .meanSquaredError), seed: 1)
    #expect(vector[2].weights.count == 300)
    #expect(vector[2].weights.allSatisfy { abs($0) < 0.05 })
    #expect(Set(vector[2].weights).count > 290)
    let ones = Network(inputs: 1) {
      Embedding(column: 0, categories: 2, width: 3, initializer: .ones)
      Dense(1)
    }
    #expect(
      try ParameterVector(NetworkProgram(ones, loss: .meanSquaredError), seed: 1)[0].weights == [1, 1, 1, 1, 1, 1])
  }

  @Test("that do not fit are refused with a sentence")
  func refusals() {
    func network(_ layers: [Layer]) -> Network { Network(inputs: 4, layers: layers + [.dense(Dense(2))]) }
    func embedding(_ column: Int, categories: Int = 3, width: Int = 2) -> Layer {
      .embedding(Embedding(column: column, categories: categories, width: width))
    }
    let cases: [(Network, String)] = [
      (
        network([.dense(Dense(4)), embedding(1)]),
        "layer 2 (embedding 2 of column 1) takes a column of the data, but stands behind another layer; let embeddings be "
          + "the first layers"
      ),
      (
        network([.residual(Residual(layers: [embedding(1)]))]),
        "layer 1.1 (embedding 2 of column 1) takes a column of the data, but stands behind another layer; let embeddings "
          + "be the first layers"
      ),
      (
        network([embedding(4)]),
        "layer 1 (embedding 2 of column 4) takes the column 4, but the data have the columns 0 to 3"
      ),
      (
        network([embedding(3), embedding(3)]),
        "layer 2 (embedding 2 of column 3) takes a column that an embedding before it has taken"
      ),
      (
        network([embedding(0, categories: 0)]),
        "layer 1 (embedding 2 of column 0) needs a number of categories between 1 and 16777216, but has 0"
      ),
      (
        network([embedding(0, width: 0)]),
        "layer 1 (embedding 0 of column 0) needs a number of values of a vector between 1 and 16777216, but has 0"
      ),
    ]
    for (network, sentence) in cases {
      let error = #expect(throws: PerceptronModelError.self) { try NetworkProgram(network, loss: .meanSquaredError) }
      #expect(error?.description == sentence)
    }
  }
}
