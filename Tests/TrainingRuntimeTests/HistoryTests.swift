import Fascicle
import Testing

@Suite("What a run leaves behind")
struct HistoryTests {
  @Test("counts agree with epochs and minibatches, and rates are positive", arguments: [1, 7, 33, 100])
  func counts(batchSize: Int) throws {
    let trainer = try SmallProblem.trainer()
    let history = try trainer.fit(SmallProblem.samples(), epochs: 3, batchSize: batchSize)
    #expect(history.stepCount == 3 * ((100 + batchSize - 1) / batchSize))
    #expect(history.epochs.map(\.epoch) == [1, 2, 3])
    #expect((trainer.stepCount, trainer.epochCount) == (history.stepCount, 3))
    #expect(history.fmaPeakGflops == 0 || history.seconds > 0.25)
    #expect(history.samplesPerSecond > 0)
    #expect(history.gflops > 0)
    // Taken when asked for, for a run as short as this one is not held up by it; kept for the runs that follow.
    let peak = try trainer.fmaPeakGflops()
    #expect(peak > 0)
    let second = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: batchSize)
    #expect(second.fmaPeakGflops == peak)
    #expect(second.percentOfPeak == 100 * second.gflops / peak)
    for report in history.epochs {
      #expect(report.seconds > 0 && report.samplesPerSecond > 0)
      #expect((report.trainAccuracy.map { $0 * 100 }).map { $0 == $0.rounded() } == true)
    }
    let phases = history.phaseSeconds
    for seconds in [phases.forward, phases.backward, phases.gradientAndUpdate, phases.data] { #expect(seconds > 0) }
    #expect(phases.evaluation == 0)
  }

  @Test("a second call counts its own steps, and the trainer counts all")
  func secondCall() throws {
    let trainer = try SmallProblem.trainer()
    let samples = try SmallProblem.samples()
    _ = try trainer.fit(samples, epochs: 2, batchSize: 50)
    let second = try trainer.fit(samples, epochs: 1, batchSize: 25, validation: .data(samples))
    #expect(second.stepCount == 4)
    #expect(second.epochs.map(\.epoch) == [1])
    #expect(trainer.stepCount == 8)
    #expect(trainer.epochCount == 3)
    #expect(second.phaseSeconds.evaluation > 0)
    // Looks at the ends of the first and the last epoch are accounted for, and belong to the whole.
    #expect(second.phaseSeconds.diagnosis > 0 && second.phaseSeconds.diagnosis < second.phaseSeconds.total)
    trainer.diagnosis = .off
    #expect(try trainer.fit(samples, epochs: 1, batchSize: 50).phaseSeconds.diagnosis == 0)
  }

  @Test("the schedule runs over the call's epochs, and each report tells its last step's rate")
  func scheduleRunsOverTheCall() throws {
    let schedule = LearningRateSchedule.cosine(warmUpEpochs: 1, finalFactor: 0.1)
    let trainer = try SmallProblem.trainer(schedule: schedule)
    for epochs in [4, 2] {
      let history = try trainer.fit(SmallProblem.samples(), epochs: epochs, batchSize: 30)
      let expected = (1...epochs).map { epoch in
        0.1 * schedule.factor(step: 4 * epoch - 1, stepsPerEpoch: 4, totalSteps: 4 * epochs)
      }
      #expect(history.epochs.map(\.learningRate) == expected)
    }
  }

  @Test("training makes the loss small and the hits many", arguments: TrainingDraw.optimizers.indices)
  func learns(index: Int) throws {
    let trainer = try SmallProblem.trainer(TrainingDraw.optimizers[index])
    let history = try trainer.fit(SmallProblem.samples(300), epochs: 40, batchSize: 16)
    #expect(history.epochs[39].trainLoss < 0.6 * history.epochs[0].trainLoss)
    #expect(try #require(history.epochs[39].trainAccuracy) > 0.85)
  }

  @Test("the digest is SHA-256 of weights by output, biases and slopes, whatever the layout in memory")
  func digests() throws {
    func digest(_ network: Network, _ parameters: StageParameters) throws -> String {
      let trainer = try Trainer(network, loss: .meanSquaredError, optimizer: SGD(), runtime: .unpinned(1))
      trainer.stageParameters = [parameters]
      return trainer.weightsSHA256()
    }
    // Of the same bytes by Python's hashlib.
    #expect(
      try digest(Network(inputs: 1) { Dense(1) }, StageParameters(weights: [0], bias: [0]))
        == "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc")
    #expect(
      try digest(
        Network(inputs: 2) { Dense(1, activation: .preLU()) },
        StageParameters(weights: [1, -2], bias: [0.5], slopes: [0.25]))
        == "b9237a2583730483ef34df3b092291b318f479439988a8a116e33917366cef19")
    #expect(
      try digest(
        Network(inputs: 33) { Dense(2) },
        StageParameters(weights: (0..<66).map { Float($0) }, bias: [100, 200]))
        == "f019ab10f96693b23d0e5147636d57b8294e21841a0b610836ba3b261fcbff7f")
  }
}
