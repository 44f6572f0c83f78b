import Fascicle
import HardwareTopology
import Testing

@Suite("Plans")
struct PlanTests {
  @Test("automatic workers stay within the budget, and the plan says why so many")
  func automaticWorkers() throws {
    let trainer = try Trainer(SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD())
    let plan = try trainer.plan(for: SmallProblem.samples())
    #expect((1...plan.budget.limit).contains(plan.workerCount))
    #expect(plan.placement.workers.count == plan.workerCount)
    #expect(plan.workerReason.contains("the CPU budget is \(plan.budget.limit)"))
  }

  @Test("a number of workers asked for is kept, beyond the budget too", arguments: [1, 2, 9, 40])
  func exactWorkers(count: Int) throws {
    let trainer = try SmallProblem.trainer(workers: count)
    let plan = try trainer.plan(for: SmallProblem.samples())
    #expect(plan.workerCount == count)
    #expect(plan.workerReason == "\(count) asked for; the CPU budget is \(plan.budget.limit)")
    _ = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 10)
    #expect(trainer.plan?.workerCount == count)
    #expect(trainer.pinning == Array(repeating: .notRequested, count: count))
  }

  @Test("steps, samples and FLOP are those of the run")
  func numbers() throws {
    let plan = try SmallProblem.trainer().plan(for: SmallProblem.samples(), batchSize: 32)
    #expect(plan.batchSize == 32)
    #expect(plan.stepsPerEpoch == 4)
    #expect(plan.parameterCount == 5 * 16 + 16 + 16 * 3 + 3)
    #expect(plan.flopsPerStep == Double(32 * (4 * 5 * 16 + 6 * 16 * 3)))
    #expect(plan.network == SmallProblem.network)
    #expect(plan.memory.byteCount == plan.memory.parts.reduce(0) { $0 + $1.byteCount })
    for line in ["network   5 → 16 tanh → 3 softmax, 147 parameters", "step      32 samples, 4 steps an epoch"] {
      #expect(plan.description.contains(line), "\(plan)")
    }
  }

  @Test(
    "the memory planned is what a run takes, within a tenth", .enabled(if: AllocationAccount.isAvailable),
    arguments: [GradientClipping.none, .globalNorm(1)])
  func memoryIsAsPlanned(clipping: GradientClipping) throws {
    // Each part stays below 4 MiB, from where on blocks are aligned so generously that glibc reports up to 2 MiB more.
    let network = Network(inputs: 300) {
      Dense(500, activation: .preLU())
      Dense(400, activation: .relu)
      Dense(10, activation: .softmax)
    }
    var random = PhiloxStream(seed: 1, stream: 1)
    let samples = DataSubset(
      allOf: try Dataset(
        features: random.uniform(count: 300 * 600, reach: 1), featureCount: 300, labels: (0..<600).map { $0 % 10 }))
    // What the first trainer of a process sets up once is not this run's.
    _ = try SmallProblem.trainer().fit(SmallProblem.samples(), epochs: 1)
    let account = AllocationAccount()
    let plan = try account.watchingThisThread {
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: Adam(), clipping: clipping, runtime: .unpinned(2))
      _ = try trainer.fit(samples, epochs: 1, batchSize: 224)
      return trainer.plan
    }
    let planned = try #require(plan).memory.byteCount
    print("planned \(planned) bytes, held \(account.peakByteCount) at most")
    #expect(abs(Double(account.peakByteCount) / Double(planned) - 1) < 0.1)
  }

  @Test("a network beyond the machine's memory is refused before any of it is taken")
  func parametersBeyondMemory() throws {
    let available = try #require(MemoryLimit.current().byteCount)
    try #require(available < 3 << 40)
    let network = Network(inputs: 1 << 19) {
      Dense(1 << 18, activation: .relu)
      Dense(2)
    }
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Trainer(network, loss: .meanSquaredError, optimizer: Adam(), runtime: .unpinned(1))
    }
    #expect(error?.code == .memory)
    #expect(error?.message.hasPrefix("the plan needs 1.5 TiB, but this process may use ") == true)
    #expect(error?.hint == "use a smaller batch or narrower layers")
  }

  @Test("a minibatch beyond the machine's memory is refused, and a smaller one trains")
  func minibatchBeyondMemory() throws {
    let network = Network(inputs: 1) {
      Dense(1 << 17, activation: .relu)
      Dense(1)
    }
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: SGD(), normalization: .none, runtime: .unpinned(1))
    let ones = [Float](repeating: 1, count: 1 << 21)
    let samples = DataSubset(allOf: try Dataset(features: ones, featureCount: 1, targets: ones, targetCount: 1))
    for plan in [
      { _ = try trainer.plan(for: samples, batchSize: 1 << 21) },
      { _ = try trainer.fit(samples, epochs: 1, batchSize: 1 << 21) },
    ] {
      let error = #expect(throws: TrainingRuntimeError.self) { try plan() }
      #expect(error?.code == .memory)
    }
    let few = try DataSubset(samples.dataset, rows: [0, 1, 2])
    #expect(try trainer.fit(few, epochs: 1, batchSize: 2).stepCount == 2)
  }

  @Test("byte counts read as people write them")
  func byteCounts() {
    let cases = [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_500_000, "1.4 MiB"), (200 << 20, "200 MiB"),
      (3 << 40, "3.0 TiB"),
    ]
    for (count, text) in cases { #expect(formatBytes(count) == text) }
  }
}
