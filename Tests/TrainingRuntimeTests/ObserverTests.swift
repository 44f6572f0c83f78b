import Fascicle
import Glibc
import HardwareTopology
import Testing

@Suite("What an observer is told and may ask for")
struct ObserverTests {
  @Test("the start, then each epoch with its numbers, on the thread that called", arguments: [1, 3])
  func eventsInOrder(workers: Int) throws {
    let trainer = try SmallProblem.trainer(schedule: .step(epochs: 1, factor: 0.5), workers: workers)
    let caller = pthread_self()
    var words: [String] = [], reports: [EpochReport] = []
    let history = try trainer.fit(SmallProblem.samples(), epochs: 3, batchSize: 32, validation: .fraction(0.25)) {
      event in
      #expect(pthread_equal(pthread_self(), caller) != 0)
      switch event {
      case .started(let plan):
        words.append("started \(plan.workerCount) workers, \(plan.stepsPerEpoch) steps")
      case .firstStepDone: words.append("first step")
      case .rolledBack: words.append("rolled back")
      case .checkpointKept, .checkpointFailed: words.append("checkpoint")
      case .progress: break
      case .epochEnded(let report):
        words.append("ended \(report.epoch)")
        reports.append(report)
      }
      return .proceed
    }
    #expect(words == ["started \(workers) workers, 3 steps", "first step", "ended 1", "ended 2", "ended 3"])
    #expect(reports == history.epochs)
    #expect(reports.map(\.learningRate) == [0.1, 0.05, 0.025])
    #expect(reports.allSatisfy { $0.validation?.sampleCount == 25 })
    #expect(!history.wasStopped)
  }

  @Test("progress while an epoch runs: its place, and NaN for a loss that is not there yet")
  func progressDuringAnEpoch() throws {
    let gate = StepGate()
    let trainer = try SmallProblem.trainer(StepGate.Optimizer(gate: gate))
    var first: EpochProgress?
    _ = try trainer.fit(SmallProblem.samples(), epochs: 2, batchSize: 10) { event in
      guard case .progress(let progress) = event else { return .proceed }
      if first == nil { first = progress }
      gate.open()
      return .proceed
    }
    let progress = try #require(first)
    #expect((progress.epoch, progress.epochCount) == (1, 2))
    #expect((progress.step, progress.stepCount) == (0, 10))
    #expect(progress.trainLoss.isNaN)
    #expect(progress.samplesPerSecond == 0)
    #expect(progress.secondsLeft == .infinity)
  }

  @Test("stop during an epoch finishes the step at hand, keeps it, and returns", arguments: [1, 3])
  func stopDuringAnEpoch(workers: Int) throws {
    let gate = StepGate()
    let stopped = try SmallProblem.trainer(StepGate.Optimizer(gate: gate), workers: workers)
    var isAsked = false, words: [String] = []
    let history = try stopped.fit(SmallProblem.samples(), epochs: 5, batchSize: 10) { event in
      switch event {
      case .started: words.append("started")
      case .firstStepDone: words.append("first step")
      case .rolledBack: words.append("rolled back")
      case .checkpointKept, .checkpointFailed: words.append("checkpoint")
      case .epochEnded: words.append("ended")
      case .progress:
        // The second one comes when the first one's wish has been noted.
        if isAsked { gate.open() }
        isAsked = true
        return .stop
      }
      return .proceed
    }
    #expect(words == ["started", "first step"])
    #expect(history.wasStopped)
    #expect(history.stepCount == 1)
    #expect(history.epochs.isEmpty)
    #expect((stopped.stepCount, stopped.epochCount) == (1, 0))
    #expect(history.samplesPerSecond > 0)

    gate.open()
    let oneStep = try SmallProblem.trainer(StepGate.Optimizer(gate: gate), workers: workers)
    let order = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 100)
    defer { order.deallocate() }
    EpochOrder(seed: 3).write(epoch: 0, into: order)
    oneStep.epochOrder = .sequential
    _ = try oneStep.fit(DataSubset(SmallProblem.dataset(), rows: Array(order[..<10])), epochs: 1, batchSize: 10)
    #expect(stopped.weightsSHA256() == oneStep.weightsSHA256())
  }

  @Test("stop at the start trains nothing")
  func stopAtTheStart() throws {
    let trainer = try SmallProblem.trainer()
    let before = trainer.weightsSHA256()
    let history = try trainer.fit(SmallProblem.samples(), epochs: 5, batchSize: 10) { _ in .stop }
    #expect(history.wasStopped)
    #expect(history.stepCount == 0)
    #expect(history.samplesPerSecond == 0)
    #expect(trainer.weightsSHA256() == before)
  }

  @Test("stop at the first step keeps that one", arguments: [1, 3])
  func stopAtTheFirstStep(workers: Int) throws {
    let trainer = try SmallProblem.trainer(workers: workers)
    let history = try trainer.fit(SmallProblem.samples(), epochs: 5, batchSize: 10) { event in
      if case .firstStepDone = event { .stop } else { .proceed }
    }
    #expect(history.wasStopped)
    #expect((history.stepCount, trainer.stepCount, trainer.epochCount) == (1, 1, 0))
  }

  @Test("stop between epochs ends the run there; after the last epoch there is nothing to stop", arguments: 1...3)
  func stopBetweenEpochs(lastEpoch: Int) throws {
    let trainer = try SmallProblem.trainer()
    let history = try trainer.fit(SmallProblem.samples(), epochs: 3, batchSize: 50) { event in
      if case .epochEnded(let report) = event, report.epoch == lastEpoch { return .stop }
      return .proceed
    }
    #expect(history.epochs.count == lastEpoch)
    #expect(history.wasStopped == (lastEpoch < 3))
    #expect(trainer.epochCount == lastEpoch)
  }

  @Test("it may evaluate between epochs, and is refused while the workers are busy")
  func evaluatingInside() throws {
    let gate = StepGate()
    let trainer = try SmallProblem.trainer(StepGate.Optimizer(gate: gate))
    let samples = try SmallProblem.samples()
    var inside: Evaluation?, refusal: (any Error)?
    _ = try trainer.fit(samples, epochs: 1, batchSize: 10) { event in
      switch event {
      case .started, .firstStepDone, .rolledBack, .checkpointKept, .checkpointFailed: break
      case .progress:
        do { _ = try trainer.evaluate(samples) } catch { refusal = error }
        gate.open()
      case .epochEnded:
        inside = try? trainer.evaluate(samples)
      }
      return .proceed
    }
    #expect((refusal as? WorkerTeamError)?.code == .busy)
    #expect(inside == (try trainer.evaluate(samples)))
  }

  @Test("the caller's own thread keeps its affinity while pinned workers train")
  func callerKeepsItsAffinity() throws {
    let before = ThreadAffinity.current()
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
      runtime: RuntimeSettings(workers: .exactly(2)))
    _ = try trainer.fit(SmallProblem.samples(), epochs: 1)
    #expect(ThreadAffinity.current() == before)
    #expect(trainer.pinning.count == 2)
  }
}
