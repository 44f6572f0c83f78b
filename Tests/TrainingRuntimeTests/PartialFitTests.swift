import Fascicle
import Testing

@Suite("Training bit by bit, and on shares of every class")
struct PartialFitTests {
  @Test("steps one by one are the steps of an epoch in order")
  func sameAsAnEpoch() throws {
    let data = try SmallProblem.samples(60)
    let whole = try SmallProblem.trainer(Adam(learningRate: 0.01))
    whole.epochOrder = .sequential
    let loss = try whole.fit(data, epochs: 1, batchSize: 20).epochs[0].trainLoss
    let parts = try SmallProblem.trainer(Adam(learningRate: 0.01))
    parts.epochOrder = .sequential
    let losses = try (0..<3).map { part in
      try parts.partialFit(DataSubset(data.dataset, rows: Array(data.rows[part * 20..<part * 20 + 20])))
    }
    #expect(parts.weightsSHA256() == whole.weightsSHA256())
    #expect(abs(losses.reduce(0, +) / 3 - loss) < 1e-12)
    #expect(parts.stepCount == 3)
    let error = #expect(throws: TrainingRuntimeError.self) { try parts.partialFit(DataSubset(data.dataset, rows: [])) }
    #expect(error?.description == "points: there are no samples")
  }

  @Test("a stratified fraction holds out what a stratified split does")
  func stratifiedValidation() throws {
    let data = try SmallProblem.samples(60)
    let trainer = try SmallProblem.trainer(seed: 3)
    let history = try trainer.fit(data, epochs: 2, batchSize: 10, validation: .stratifiedFraction(0.2))
    let parts = try data.stratifiedSplit(validationFraction: 0.2, seed: 3)
    let other = try SmallProblem.trainer(seed: 3)
    let expected = try other.fit(parts.training, epochs: 2, batchSize: 10, validation: .data(parts.validation))
    #expect(trainer.weightsSHA256() == other.weightsSHA256())
    #expect(history.epochs.map(\.validation) == expected.epochs.map(\.validation))
  }
}
