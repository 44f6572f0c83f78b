import Fascicle
import Testing

/// Synthetic data, diagnosis and policies as a user's own module sees them.
@Suite("Diagnosis from a user's module")
struct DiagnosisInterfaceTests {
  @Test("moons are drawn, learned, watched and found healthy")
  func moons() throws {
    let data = DataSubset(allOf: try .synthetic(SyntheticData(.moons, samples: 400, noise: 0.1, seed: 1)))
    let network = Network(inputs: 2) {
      Dense(16, activation: .relu)
      Dense(2, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.01), seed: 7,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    trainer.diagnosis = .steps(perEpoch: 4)
    trainer.onDivergence = .rollBack()
    let history = try trainer.fit(data, epochs: 20, batchSize: 20)
    let diagnosis = try #require(history.epochs.last?.diagnosis)
    #expect(diagnosis.verdicts.isEmpty && history.rollBacks.isEmpty)
    #expect(diagnosis.sampledSteps == 4)
    #expect(diagnosis.layers.map(\.unitCount) == [16, 2])
    #expect(diagnosis.layers[0].deadUnits ?? 16 < 8)
    #expect(diagnosis.layers[1].saturatedShare ?? -1 >= 0)
    #expect(diagnosis.layers.allSatisfy { ($0.updateRatio ?? 0) > 0 && ($0.gradientDeviation ?? 0) > 0 })
  }
}
