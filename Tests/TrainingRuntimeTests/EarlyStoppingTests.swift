import Fascicle
import Testing

@Suite("Early stopping")
struct EarlyStoppingTests {
  /// What an epoch left behind, taken from within the run.
  private struct Seen {
    var digests: [String] = []
    var losses: [Double] = []
  }

  private static let data = (training: 120, validation: 60)

  /// A run that learns at first and then too eagerly, with everything that state could hide in.
  private func run(
    _ rule: EarlyStopping?, epochs: Int = 30, optimizer: any GradientOptimizer = SGD(learningRate: 40),
    transforms: UpdateTransforms = UpdateTransforms(), workers: Int = 2, stopAfter: Int? = nil
  ) throws -> (trainer: Trainer, history: History, seen: Seen) {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: optimizer, transforms: transforms,
      normalization: .none, seed: 3, runtime: .unpinned(workers))
    var seen = Seen()
    let history = try trainer.fit(
      SmallProblem.samples(Self.data.training), epochs: epochs, batchSize: 10,
      validation: .data(DataSubset(allOf: SmallProblem.dataset(sampleCount: Self.data.validation, seed: 2))),
      earlyStopping: rule
    ) { event in
      guard case .epochEnded(let report) = event else { return .proceed }
      seen.digests.append(trainer.weightsSHA256())
      seen.losses.append(report.validation?.loss ?? .nan)
      return report.epoch == stopAfter ? .stop : .proceed
    }
    return (trainer, history, seen)
  }

  @Test("a run that is asked to stop where it ends by itself has not been stopped")
  func stopsAtTheEnd() throws {
    let (_, alone, _) = try run(EarlyStopping(patience: 4))
    let (_, asked, _) = try run(EarlyStopping(patience: 4), stopAfter: alone.epochs.count)
    #expect(asked.stoppedEarly && !asked.wasStopped && asked.epochs.count == alone.epochs.count)
    let (_, before, _) = try run(EarlyStopping(patience: 4), stopAfter: alone.epochs.count - 1)
    #expect(!before.stoppedEarly && before.wasStopped)
  }

  @Test("ends after the patience, and goes back to the best epoch bit for bit", arguments: [1, 2, 3])
  func restores(workers: Int) throws {
    let (trainer, history, seen) = try run(EarlyStopping(patience: 4), workers: workers)
    let best = try #require(history.bestEpoch)
    #expect(seen.losses[best - 1] == seen.losses.min())
    #expect(history.stoppedEarly && !history.wasStopped && history.restoredBest)
    #expect(history.epochs.count == best + 4)
    #expect(trainer.weightsSHA256() == seen.digests[best - 1])
    #expect(Set(seen.digests).count == seen.digests.count)
    #expect(trainer.epochCount == best)
    #expect(trainer.stepCount == best * 12)
  }

  @Test("without going back, the last epoch stays")
  func keepsLast() throws {
    let (trainer, history, seen) = try run(EarlyStopping(patience: 4, restoreBest: false))
    #expect(history.stoppedEarly && !history.restoredBest)
    #expect(trainer.weightsSHA256() == seen.digests.last)
  }

  @Test("what is restored goes on as if the later epochs had never been")
  func goesOn() throws {
    let rules: [(any GradientOptimizer, UpdateTransforms)] = [
      (Adam(learningRate: 0.5), UpdateTransforms(averaging: .exponential(decay: 0.5), lookahead: Lookahead(steps: 5))),
      (ScheduleFreeAdamW(learningRate: 0.5), UpdateTransforms()),
      (SGD(learningRate: 40, momentum: 0.5), UpdateTransforms()),
    ]
    for (optimizer, transforms) in rules {
      let (restored, history, seen) = try run(EarlyStopping(patience: 3), optimizer: optimizer, transforms: transforms)
      let best = try #require(history.bestEpoch)
      #expect(history.restoredBest)
      #expect(restored.weightsSHA256() == seen.digests[best - 1], "\(optimizer.name)")
      let (straight, _, _) = try run(nil, epochs: best, optimizer: optimizer, transforms: transforms)
      #expect(restored.weightsSHA256() == straight.weightsSHA256(), "\(optimizer.name)")
      for trainer in [restored, straight] {
        _ = try trainer.fit(SmallProblem.samples(Self.data.training), epochs: 2, batchSize: 10)
      }
      #expect(restored.weightsSHA256() == straight.weightsSHA256(), "\(optimizer.name) afterwards")
    }
  }

  @Test("a run that only gets better ends with its last epoch")
  func improving() throws {
    let (trainer, history, seen) = try run(
      EarlyStopping(patience: 1), epochs: 4, optimizer: SGD(learningRate: 0.05))
    #expect(seen.losses == seen.losses.sorted(by: >))
    #expect(history.epochs.count == 4 && !history.stoppedEarly && !history.restoredBest)
    #expect(history.bestEpoch == 4)
    #expect(trainer.weightsSHA256() == seen.digests.last)
  }

  @Test("a smaller difference than asked for is none")
  func minDelta() throws {
    let (_, history, _) = try run(
      EarlyStopping(patience: 2, minDelta: 1e6), epochs: 9, optimizer: SGD(learningRate: 0.05))
    #expect(history.bestEpoch == 1)
    #expect(history.epochs.count == 3)
  }

  @Test("a run stopped from outside goes back too")
  func stopped() throws {
    let (trainer, history, seen) = try run(EarlyStopping(patience: 30), stopAfter: 12)
    let best = try #require(history.bestEpoch)
    #expect(history.wasStopped && history.restoredBest && best < 12)
    #expect(trainer.weightsSHA256() == seen.digests[best - 1])
  }

  @Test("accuracy and training figures can be watched", arguments: EarlyStopping.Monitor.allCases)
  func monitors(monitor: EarlyStopping.Monitor) throws {
    let (_, history, _) = try run(EarlyStopping(monitor: monitor, patience: 3))
    let values = history.epochs.map { report in
      switch monitor {
      case .validationLoss: -(report.validation?.loss ?? .nan)
      case .validationAccuracy: report.validation?.accuracy ?? .nan
      case .trainLoss: -report.trainLoss
      case .trainAccuracy: report.trainAccuracy ?? .nan
      }
    }
    let best = try #require(history.bestEpoch)
    #expect(values.firstIndex(of: values.max() ?? 0) == best - 1)
    #expect(history.epochs.count == min(30, best + 3))
  }

  @Test("nothing to watch, and numbers out of range, are refused before anything runs")
  func refusals() throws {
    func sentence(_ rule: EarlyStopping, validation: Validation = .none, values: Bool = false) throws -> String? {
      let data =
        try values
        ? DataSubset(
          allOf: Dataset(
            features: [Float](repeating: 1, count: 50), featureCount: 5, targets: [Float](repeating: 0.25, count: 30),
            targetCount: 3, name: "curve")) : SmallProblem.samples()
      let trainer = try SmallProblem.trainer()
      return #expect(throws: TrainingRuntimeError.self) {
        try trainer.fit(data, epochs: 2, validation: validation, earlyStopping: rule)
      }?.description
    }
    #expect(
      try sentence(EarlyStopping())
        == "early stopping is to watch the validation_loss, but nothing is held out for validation; hold samples out, or "
        + "watch train_loss")
    #expect(
      try sentence(EarlyStopping(monitor: .trainAccuracy), values: true)
        == "curve has target values and so no accuracy, which early stopping is to watch; let it watch a loss")
    #expect(
      try sentence(EarlyStopping(patience: 0), validation: .fraction(0.5))
        == "the patience of early stopping must be at least 1 epoch, but is 0")
    #expect(
      try sentence(EarlyStopping(minDelta: .nan), validation: .fraction(0.5))
        == "minDelta of early stopping must be a finite number of at least 0, but is nan")
  }

  @Test("the memory plan knows what is kept")
  func memory() throws {
    let trainer = try SmallProblem.trainer(Adam())
    func bytes(_ rule: EarlyStopping?) throws -> Int {
      try trainer.plan(for: SmallProblem.samples(), validation: .fraction(0.25), earlyStopping: rule).memory.byteCount
    }
    let plain = try bytes(nil)
    #expect(try bytes(EarlyStopping(restoreBest: false)) == plain)
    // Parameters and two moments, 5·16 and 16·3 weights in panels of 32 inputs, biases in whole lines.
    #expect(try bytes(EarlyStopping()) - plain == 3 * 4 * (32 * 16 + 16 + 32 * 3 + 16))
  }
}
