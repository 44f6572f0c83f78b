import Fascicle
import Testing

@Suite("Callbacks")
struct CallbackTests {
  /// Writes down everything it is told, and stops where it is asked to.
  private final class Diary: TrainingCallback {
    var stepInterval: Int?
    var words: [String] = []
    var steps: [StepReport] = []
    var history: History?
    /// The beginning of the words at which it stops.
    var stopsAt = "never"

    init(stepInterval: Int? = nil, stopsAt: String = "never") {
      self.stepInterval = stepInterval
      self.stopsAt = stopsAt
    }

    private func note(_ text: String) -> TrainingCommand {
      words.append(text)
      return text.hasPrefix(stopsAt) ? .stop : .proceed
    }

    func trainingBegan(_ plan: TrainingPlan, of trainer: Trainer) -> TrainingCommand {
      note("began with \(plan.stepsPerEpoch) steps")
    }
    func epochBegan(_ epoch: Int, of trainer: Trainer) -> TrainingCommand { note("epoch \(epoch)") }
    func stepEnded(_ step: StepReport, of trainer: Trainer) -> TrainingCommand {
      steps.append(step)
      return note("step \(step.number)")
    }
    func validationEnded(_ evaluation: Evaluation, epoch: Int, of trainer: Trainer) -> TrainingCommand {
      note("validation \(epoch) of \(evaluation.sampleCount)")
    }
    func epochEnded(_ report: EpochReport, of trainer: Trainer) -> TrainingCommand { note("ended \(report.epoch)") }
    func trainingEnded(_ history: History, of trainer: Trainer) {
      self.history = history
      words.append("over")
    }
  }

  @Test("are told of everything, in order, and change no bit", arguments: [1, 3])
  func order(workers: Int) throws {
    let diary = Diary(stepInterval: 2)
    let trainer = try SmallProblem.trainer(workers: workers)
    let history = try trainer.fit(
      SmallProblem.samples(), epochs: 2, batchSize: 32, validation: .fraction(0.25), callbacks: [diary])
    #expect(
      diary.words == [
        "began with 3 steps", "epoch 1", "step 2", "step 3", "validation 1 of 25", "ended 1", "epoch 2", "step 5",
        "step 6", "validation 2 of 25", "ended 2", "over",
      ])
    #expect(diary.history?.epochs == history.epochs)
    let plain = try SmallProblem.trainer(workers: workers)
    _ = try plain.fit(SmallProblem.samples(), epochs: 2, batchSize: 32, validation: .fraction(0.25))
    #expect(trainer.weightsSHA256() == plain.weightsSHA256())
  }

  @Test("losses of steps are those of their own samples, and add up to the epoch's")
  func losses() throws {
    let diary = Diary(stepInterval: 1)
    let trainer = try SmallProblem.trainer(schedule: .step(epochs: 1, factor: 0.5), workers: 2)
    let before = try trainer.evaluate(SmallProblem.samples()).loss
    let history = try trainer.fit(SmallProblem.samples(), epochs: 2, batchSize: 40, callbacks: [diary])
    #expect(diary.steps.map(\.step) == [1, 2, 3, 1, 2, 3])
    #expect(diary.steps.map(\.epoch) == [1, 1, 1, 2, 2, 2])
    #expect(diary.steps.map(\.learningRate) == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05])
    for (epoch, first) in [(0, 0), (1, 3)] {
      let steps = diary.steps[first..<first + 3].map(\.loss)
      let mean = (40 * steps[0] + 40 * steps[1] + 20 * steps[2]) / 100
      #expect(abs(mean - history.epochs[epoch].trainLoss) < 1e-12)
    }
    #expect(abs(diary.steps[0].loss - before) < 0.2)
    // One call later the numbers go on.
    _ = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 40, callbacks: [diary])
    #expect(diary.steps.map(\.number) == Array(1...9))
  }

  @Test(
    "may stop the run anywhere",
    arguments: [
      ("began", 0, 0), ("epoch 1", 0, 0), ("step 2", 2, 0), ("validation 1", 3, 1), ("ended 1", 3, 1),
      ("epoch 2", 3, 1),
      ("step 4", 4, 1),
    ])
  func stopping(place: String, steps: Int, epochs: Int) throws {
    let diary = Diary(stepInterval: 1, stopsAt: place), later = Diary()
    let trainer = try SmallProblem.trainer()
    let history = try trainer.fit(
      SmallProblem.samples(), epochs: 5, batchSize: 32, validation: .fraction(0.25), callbacks: [diary, later])
    #expect(history.wasStopped)
    #expect((history.stepCount, history.epochs.count) == (steps, epochs))
    #expect(trainer.stepCount == steps)
    #expect(diary.words.last == "over" && later.words.last == "over")
  }

  @Test("may evaluate, and copy the model, between steps")
  func between() throws {
    final class Watcher: TrainingCallback {
      let stepInterval: Int? = 1
      let samples: DataSubset
      var losses: [Double] = []
      var digests: Set<String> = []
      init(_ samples: DataSubset) { self.samples = samples }
      func stepEnded(_ step: StepReport, of trainer: Trainer) -> TrainingCommand {
        losses.append((try? trainer.evaluate(samples).loss) ?? .nan)
        digests.insert((try? trainer.model().weightsSHA256()) ?? "")
        return .proceed
      }
    }
    let samples = try SmallProblem.samples(), watcher = Watcher(samples)
    let trainer = try SmallProblem.trainer(workers: 2), plain = try SmallProblem.trainer(workers: 2)
    _ = try trainer.fit(samples, epochs: 2, batchSize: 32, callbacks: [watcher])
    _ = try plain.fit(samples, epochs: 2, batchSize: 32)
    #expect(trainer.weightsSHA256() == plain.weightsSHA256())
    #expect(watcher.digests.count == 8 && watcher.digests.contains(trainer.weightsSHA256()))
    let loss = try trainer.evaluate(samples).loss
    #expect(watcher.losses.allSatisfy(\.isFinite) && watcher.losses.last == loss)
  }

  @Test("an interval below one is refused")
  func wrongInterval() throws {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try SmallProblem.trainer().fit(SmallProblem.samples(), epochs: 1, callbacks: [Diary(stepInterval: 0)])
    }
    #expect(error?.message == "a callback's stepInterval must be at least 1, but is 0")
  }
}
