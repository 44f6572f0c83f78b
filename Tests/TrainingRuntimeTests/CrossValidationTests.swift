import Fascicle
import Testing

@Suite("Cross-validation")
struct CrossValidationTests {
  @Test("is folds, training and evaluation by hand, the same twice, and its mean and deviation those of the folds")
  func byHand() throws {
    let samples = try SmallProblem.samples(103)
    func run() throws -> CrossValidation {
      try crossValidate(samples, folds: 4, seed: 9, stratified: true) { training in
        let trainer = try SmallProblem.trainer()
        return (trainer, try trainer.fit(training, epochs: 3, batchSize: 16))
      }
    }
    let result = try run(), again = try run()
    #expect(!result.wasStopped)
    #expect(result.folds.map(\.number) == [1, 2, 3, 4])
    #expect(result.folds.map(\.weightsSHA256) == again.folds.map(\.weightsSHA256))
    #expect(result.folds.map(\.metrics) == again.folds.map(\.metrics))
    #expect(result.folds.map(\.evaluation.sampleCount).reduce(0, +) == 103)
    var losses: [Double] = []
    for (fold, parts) in zip(result.folds, try samples.folds(4, seed: 9, stratified: true)) {
      let trainer = try SmallProblem.trainer()
      _ = try trainer.fit(parts.training, epochs: 3, batchSize: 16)
      #expect(fold.evaluation == (try trainer.evaluate(parts.validation)))
      #expect(fold.weightsSHA256 == trainer.weightsSHA256())
      #expect(fold.trainingSampleCount == parts.training.sampleCount)
      losses.append(fold.evaluation.loss)
    }
    let mean = losses.reduce(0, +) / 4
    let variance = losses.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 3
    #expect(
      abs(result.loss.mean - mean) < 1e-15 && abs(result.loss.deviation * result.loss.deviation - variance) < 1e-15)
    #expect(result.figures.first?.name == "accuracy")
    #expect(result.figures.first?.spread.mean == result.accuracy?.mean)
  }

  @Test("of a regression has no accuracy, and figures of its own")
  func regression() throws {
    var random = PhiloxStream(seed: 1, stream: 3)
    let features = random.uniform(count: 60, reach: 1)
    let data = try Dataset(
      features: features, featureCount: 2, targets: (0..<30).map { features[2 * $0] - features[2 * $0 + 1] },
      targetCount: 1)
    let result = try crossValidate(DataSubset(allOf: data), folds: 3) { training in
      let trainer = try Trainer(
        Network(inputs: 2) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1),
        runtime: .unpinned(1))
      return (trainer, try trainer.fit(training, epochs: 30, batchSize: 5))
    }
    #expect(result.accuracy == nil)
    #expect(result.figures.map(\.name) == ["rmse", "mae", "r2"])
    #expect((result.figures.last?.spread.mean ?? 0) > 0.9)
  }

  @Test("ends where training is stopped, with the folds that were done")
  func stopped() throws {
    var fold = 0
    let result = try crossValidate(SmallProblem.samples(), folds: 5) { training in
      fold += 1
      let trainer = try SmallProblem.trainer(), stops = fold == 3
      return (trainer, try trainer.fit(training, epochs: 2, batchSize: 16) { _ in stops ? .stop : .proceed })
    }
    #expect(result.wasStopped && result.folds.count == 2 && fold == 3)
  }

  @Test("needs two folds at least, and one sample for each")
  func refusals() throws {
    for count in [1, 101] {
      let error = #expect(throws: TrainingDataError.self) {
        try crossValidate(SmallProblem.samples(), folds: count) { _ in
          Issue.record("a fold was trained")
          throw TrainingRuntimeError(code: .setting, message: "")
        }
      }
      #expect(error?.message == "points: expected 2 to 100 folds, one sample in each at least, got \(count)")
    }
  }

  @Test("a single value has no deviation")
  func single() {
    #expect(CrossValidation.Spread([3]) == CrossValidation.Spread([3, 3, 3]))
    #expect(CrossValidation.Spread([1, 3]).deviation == 2.0.squareRoot())
  }
}
