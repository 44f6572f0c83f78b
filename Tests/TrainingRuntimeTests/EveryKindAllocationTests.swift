import Fascicle
import RunConfiguration
import Testing

/// Every activation, loss and optimizer that there is, so that a new one cannot be forgotten.
@Suite(
  "Allocations of a step, whatever it is made of",
  .enabled(if: AllocationAccount.isAvailable, "a sanitizer brings its own allocator"))
struct EveryKindAllocationTests {
  /// One worker; two that share units; two with a lane each; bfloat16 operands.
  private static let runtimes: [RuntimeSettings] = {
    var shared = RuntimeSettings.unpinned(2)
    shared.phaseASplit = .units(groupSize: 2)
    return [
      .unpinned(1), shared, .lanes(2, workers: 2),
      RuntimeSettings(workers: .exactly(2), pinsWorkers: false, precision: .bf16Emulated),
    ]
  }()

  /// What the workers take in one epoch of so many steps; the first epoch of all is left out.
  private static func allocations(_ trainer: Trainer, _ data: Dataset, steps: Int, batchSize: Int) throws -> Int {
    let rows = (0..<steps * batchSize - 1).map { UInt32($0 % data.sampleCount) }
    let training = try DataSubset(data, rows: rows)
    return try AllocationAccount.callsOfWorkers(trainer, training, batchSize: batchSize, steps: steps)
  }

  @Test(
    "no activation allocates, fused into a layer or alone", arguments: ActivationRunTests.functions)
  func activations(function: ActivationFunction) throws {
    let network = Network(inputs: 5) {
      Dense(17, activation: function)
      Dense(9, activation: .tanh)
      Activation(function)
      Dense(3, activation: .softmax)
    }
    let data = try SmallProblem.dataset(sampleCount: 66)
    for runtime in Self.runtimes {
      // Large weights would overflow behind an exponential; what a step does is the same for small ones.
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 1e-4), normalization: .none,
        runtime: runtime)
      let batchSize = runtime.reduction == .segmented ? 33 : 3
      func count(_ steps: Int) throws -> Int {
        try Self.allocations(trainer, data, steps: steps, batchSize: batchSize)
      }
      #expect(try count(120) == count(20), "\(function), \(runtime)")
    }
  }

  @Test("no loss allocates, of labels or of values", arguments: LossRunTests.losses, [true, false])
  func losses(loss: Loss, wantsLabels: Bool) throws {
    let (network, data) = try LossRunTests.problem(
      loss, outputs: 3, samples: 66, wantsLabels: wantsLabels, weighted: wantsLabels)
    for runtime in Self.runtimes {
      let trainer = try Trainer(
        network, loss: loss, optimizer: SGD(learningRate: 1e-4), normalization: .none, runtime: runtime)
      let batchSize = runtime.reduction == .segmented ? 33 : 3
      func count(_ steps: Int) throws -> Int {
        try Self.allocations(trainer, data, steps: steps, batchSize: batchSize)
      }
      #expect(try count(120) == count(20), "\(loss), \(runtime)")
    }
  }

  @Test(
    "no schedule allocates",
    arguments: [
      LearningRateSchedule.constant, .step(epochs: 1, factor: 0.5), .multiStep(milestones: [1, 2], factor: 0.5),
      .piecewise(milestones: [0.5, 1], factors: [1, 0.5, 0.1]), .ramp(), .exponential(factor: 0.9), .polynomial(),
      .inverseTime(decay: 0.1), .cosine(warmUpEpochs: 0.2), .cosineRestarts(CosineRestarts()), .oneCycle(OneCycle()),
      .cyclic(CyclicRate()), .plateau(Plateau()),
      .sequence(ScheduleSequence([.ramp(), .cyclic(CyclicRate()), .cosine()], milestones: [0.25, 0.5])),
    ])
  func schedules(schedule: LearningRateSchedule) throws {
    let data = try SmallProblem.dataset(sampleCount: 66)
    for runtime in Self.runtimes {
      let trainer = try Trainer(
        Network(inputs: 5) { Dense(3, activation: .softmax) }, loss: .categoricalCrossEntropy, optimizer: Adam(),
        schedule: schedule, normalization: .none, runtime: runtime)
      let batchSize = runtime.reduction == .segmented ? 33 : 3
      func count(_ steps: Int) throws -> Int {
        try Self.allocations(trainer, data, steps: steps, batchSize: batchSize)
      }
      #expect(try count(120) == count(20), "\(schedule.name), \(runtime)")
    }
  }

  @Test("no activation and no loss is left out")
  func nothingIsLeftOut() {
    // The step function learns with a gradient that is chosen; the perceptron's below.
    let functions = Set(ActivationRunTests.functions.map(\.name))
    #expect(functions == Set(ActivationFunction.all.map(\.name)))
    #expect(Set(LossRunTests.losses.map(\.name)) == Set(Loss.all.map(\.name)))
  }

  @Test("no optimizer is left out")
  func noOptimizerIsLeftOut() {
    let inTables = TrainingDraw.optimizers + TrainingDraw.wholeTensorOptimizers
    #expect(Set(inTables.map(\.name) + ["lbfgs", "perceptron"]) == Set(OptimizerConfiguration.names))
    let watched = StepKind.all + StepKind.withTrustRatio
    #expect(Set(watched.map(\.optimizer.name) + ["lbfgs", "perceptron"]) == Set(OptimizerConfiguration.names))
  }

  @Test("the perceptron rule allocates nothing", arguments: [1, 2])
  func perceptron(workers: Int) throws {
    let trainer = try Trainer(
      Network(inputs: 5) { Dense(3, activation: .step()) }, loss: .meanSquaredError, optimizer: Perceptron(),
      normalization: .none, runtime: .unpinned(workers))
    let data = try SmallProblem.dataset(sampleCount: 66)
    func count(_ steps: Int) throws -> Int { try Self.allocations(trainer, data, steps: steps, batchSize: 3) }
    #expect(try count(1_100) == count(100))
  }

  /// Its step is the whole data set, so that epochs are what there can be more of.
  @Test("a worker allocates nothing in steps of L-BFGS, however many passes a line search takes", arguments: [1, 2])
  func quasiNewton(workers: Int) throws {
    func count(epochs: Int) throws -> Int {
      let network = Network(inputs: 5) {
        Dense(16)
        Activation(.tanh)
        Dense(3, activation: .softmax)
      }
      let data = try SmallProblem.samples(60)
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: LBFGS(), normalization: .none, runtime: .unpinned(workers))
      trainer.diagnosis = .off
      _ = try trainer.fit(data, epochs: 2, batchSize: 60)
      let account = AllocationAccount()
      let history = try account.watchingWorkers(of: trainer) { try trainer.fit(data, epochs: epochs, batchSize: 60) }
      #expect(history.stepCount == epochs)
      return account.callCount
    }
    #expect(try count(epochs: 40) == count(epochs: 10))
  }
}
