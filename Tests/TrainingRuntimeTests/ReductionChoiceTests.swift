import Fascicle
import HardwareTopology
import Testing

@Suite("Which reduction a run gets")
struct ReductionChoiceTests {
  private func choice(
    _ topology: String, workers: Int, batchSize: Int, lanes: LaneRequest = .automatic
  ) throws -> ReductionChoice {
    let machine = try Machine.synthetic(topology)
    let budget = ProcessorBudget.current(
      on: machine, environment: HostEnvironment(affinity: machine.processorSet, rootPath: "/nonexistent"))
    return try ReductionChoice.make(
      RuntimeSettings(reduction: .segmented, lanes: lanes),
      placement: WorkerPlacement.plan(machine: machine, budget: budget, workerCount: workers), batchSize: batchSize)
  }

  private static let epyc = "pack:1 [numa] l3:8 l2:8 core:1 pu:1"

  @Test("a lane for each last-level cache that workers stand on")
  func automaticLanes() throws {
    let dies = try choice(Self.epyc, workers: 20, batchSize: 1024)
    #expect((dies.reduction, dies.laneCount) == (.segmented, 3))
    #expect(
      dies.reason == "3 lanes, one for each last-level cache that workers may use; "
        + "the bits are the same for any number of workers with 3 lanes")
    #expect(try choice("pack:2 [numa] l3:1 core:4 pu:1", workers: 8, batchSize: 64).laneCount == 2)
    #expect(try choice("pack:2 group:2 [numa] l3:3 core:8 pu:1", workers: 96, batchSize: 4096).laneCount == 12)
  }

  @Test("no more lanes than panels, and no lanes where one would be left")
  func fewPanels() throws {
    let capped = try choice(Self.epyc, workers: 64, batchSize: 130)
    #expect((capped.reduction, capped.laneCount) == (.segmented, 5))
    #expect(capped.reason.hasPrefix("5 lanes, the most for a minibatch of 5 panels; 8 caches could have one each; "))
    for (workers, batchSize, why) in [
      (8, 1024, "all workers share one last-level cache"), (64, 32, "a minibatch has one panel"),
    ] {
      let single = try choice(Self.epyc, workers: workers, batchSize: batchSize)
      #expect((single.reduction, single.laneCount) == (.ownerComputes, 1))
      #expect(single.reason == "in place of segmented, which would have a single lane: \(why)")
    }
  }

  @Test("lanes asked for are kept wherever workers stand")
  func exactLanes() throws {
    #expect(try choice("core:2 pu:1", workers: 2, batchSize: 256, lanes: .exactly(8)).laneCount == 8)
    #expect(try choice(Self.epyc, workers: 64, batchSize: 256, lanes: .exactly(3)).laneCount == 3)
  }

  @Test("numbers of lanes that no run can have", arguments: [0, -1, 65, .max, .min])
  func laneCounts(count: Int) {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), runtime: .lanes(count, workers: 1))
    }
    #expect(error?.code == .setting)
    #expect(
      error?.description == "lanes must be between 1 and 64, but is \(count); "
        + "leave it automatic to have one for each last-level cache")
  }

  @Test("lanes for another reduction", arguments: [GradientReduction.ownerComputes, .hogwild])
  func lanesOfAnotherReduction(reduction: GradientReduction) {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
        runtime: RuntimeSettings(reduction: reduction, lanes: .exactly(2)))
    }
    #expect(
      error?.description == "lanes belong to the reduction segmented, but the reduction is \(reduction.rawValue); "
        + "ask for reduction: segmented, or leave lanes automatic")
  }

  @Test("more lanes than a minibatch has panels")
  func moreLanesThanPanels() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), runtime: .lanes(4, workers: 1))
    let error = #expect(throws: TrainingRuntimeError.self) {
      try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 64)
    }
    #expect(
      error?.description == "4 lanes need a panel of 32 samples each, but a minibatch of 64 has 2; "
        + "use a batch of at least 97 samples, or fewer lanes")
    #expect(try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 97).stepCount == 2)
  }
}
