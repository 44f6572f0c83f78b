import Fascicle
import Testing

@Suite("A rate that follows a metric")
struct PlateauTests {
  @Test(
    "a loss that does not fall lowers the rate after as many epochs as are borne, over calls of fit", arguments: [1, 3])
  func lowersTheRate(workers: Int) throws {
    // A rate of 0 at the first look: nothing is learned, so no loss is ever better than the first one.
    let trainer = try SmallProblem.trainer(
      SGD(learningRate: 1e-30), schedule: .plateau(Plateau(factor: 0.5, patience: 1, finalFactor: 0.2)),
      workers: workers)
    let dataset = try SmallProblem.dataset(sampleCount: 50)
    let first = try trainer.fit(DataSubset(allOf: dataset), epochs: 4, batchSize: 50)
    let second = try trainer.fit(DataSubset(allOf: dataset), epochs: 4, batchSize: 50)
    let rates = (first.epochs + second.epochs).map { $0.learningRate / 1e-30 }
    let expected: [Float] = [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2]
    #expect(rates.count == expected.count && zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(rates)")
  }

  @Test("validation's loss goes before the training's")
  func watchesValidation() throws {
    let trainer = try SmallProblem.trainer(
      SGD(learningRate: 0.1), schedule: .plateau(Plateau(factor: 0.5, patience: 0)), workers: 1)
    let dataset = try SmallProblem.dataset(sampleCount: 60)
    let history = try trainer.fit(
      DataSubset(allOf: dataset), epochs: 12, batchSize: 20,
      validation: .data(DataSubset(dataset, rows: (0..<20).map { UInt32($0) })))
    var best = Double.infinity, rate: Float = 0.1
    for epoch in history.epochs {
      #expect(epoch.learningRate == rate)
      let loss = try #require(epoch.validation?.loss)
      if loss < best * (1 - 1e-4) { best = loss } else { rate *= 0.5 }
    }
  }

  @Test("accuracy can't be watched where there is none")
  func refusesTargetsWithoutClasses() throws {
    let trainer = try Trainer(
      Network(inputs: 2) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(),
      schedule: .plateau(Plateau(metric: .accuracy)), runtime: .unpinned(1))
    let dataset = try Dataset(features: [1, 2, 3, 4] as [Float], featureCount: 2, targets: [1, 2], targetCount: 1)
    let error = #expect(throws: TrainingRuntimeError.self) { try trainer.fit(DataSubset(allOf: dataset), epochs: 1) }
    #expect(error?.code == .dataMismatch)
    #expect(error?.description.contains("has target values and so no accuracy") == true)
  }
}
