import Fascicle
import Testing

@Suite("An optimizer that is evaluated elsewhere than it trains")
struct EvaluationPointTests {
  private static func trainer(workers: Int = 2) throws -> Trainer {
    try SmallProblem.trainer(ScheduleFreeAdamW(learningRate: 0.05), workers: workers)
  }

  @Test("looking on changes nothing: evaluations between epochs leave the bits of the run", arguments: [1, 3])
  func evaluationsLeaveNoTrace(workers: Int) throws {
    let dataset = try SmallProblem.dataset(sampleCount: 60), all = DataSubset(allOf: dataset)
    let watched = try Self.trainer(workers: workers), alone = try Self.trainer(workers: workers)
    _ = try watched.fit(all, epochs: 3, batchSize: 16, validation: .data(all)) { _ in
      _ = watched.weightsSHA256()
      return .proceed
    }
    _ = try alone.fit(all, epochs: 3, batchSize: 16)
    #expect(watched.weightsSHA256() == alone.weightsSHA256())
    #expect(watched.stageParameters == alone.stageParameters)
  }

  @Test("validation, digest and model see one point, which is not where training stands")
  func onePoint() throws {
    let dataset = try SmallProblem.dataset(sampleCount: 60), all = DataSubset(allOf: dataset)
    let trainer = try Self.trainer()
    let history = try trainer.fit(all, epochs: 3, batchSize: 16, validation: .data(all))
    let model = try trainer.model()
    #expect(model.weightsSHA256() == trainer.weightsSHA256())
    #expect(history.epochs.last?.validation?.loss == (try trainer.evaluate(all).loss))

    // The averaged parameters as a trainer's own: the same digest and the same loss without any averaging.
    let plain = try SmallProblem.trainer(SGD(), workers: 2)
    _ = try plain.fit(all, epochs: 1, batchSize: 60)
    plain.stageParameters = model.stageParameters
    #expect(plain.weightsSHA256() == trainer.weightsSHA256())
    #expect(try plain.evaluate(all).loss == trainer.evaluate(all).loss)
    plain.stageParameters = trainer.stageParameters
    #expect(plain.weightsSHA256() != trainer.weightsSHA256())
  }

  @Test("before the first step it is the initial parameters")
  func beforeTraining() throws {
    #expect(try Self.trainer().weightsSHA256() == SmallProblem.trainer(SGD(), workers: 2).weightsSHA256())
  }

  @Test("a schedule beside an optimizer that replaces it is refused")
  func refusesSchedules() {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try SmallProblem.trainer(ScheduleFreeAdamW(), schedule: .cosine(), workers: 1)
    }
    #expect(
      error?.description
        == "the optimizer schedule_free_adamw takes the place of a schedule, but the schedule is cosine; use the schedule "
        + "constant; the optimizer's own warmUpSteps warm up")
  }
}
