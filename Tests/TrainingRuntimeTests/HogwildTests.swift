import Fascicle
import Testing

/// The races of training without waiting are meant: ThreadSanitizer would report them, so it sees one worker only.
@Suite("Training without waiting")
struct HogwildTests {
  private static let workerCounts = AllocationAccount.isAvailable ? [1, 2, 4] : [1]

  private static func runtime(_ workers: Int) -> RuntimeSettings {
    RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, reduction: .hogwild)
  }

  private static func trainer(
    _ optimizer: any GradientOptimizer = SGD(learningRate: 0.1), clipping: GradientClipping = .none, workers: Int
  ) throws -> Trainer {
    try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: optimizer, clipping: clipping,
      normalization: .none, seed: 3, runtime: runtime(workers))
  }

  @Test(
    "the digits are learned, and every update's staleness is counted", arguments: workerCounts,
    [Precision.f32, .bf16Here])
  func learnsDigits(workers: Int, precision: Precision) throws {
    let digits = try Dataset.digits().split(validationFraction: 0.2, seed: 7)
    let network = Network(inputs: 64) {
      Dense(64, activation: .relu)
      Dense(10, activation: .softmax)
    }
    var runtime = Self.runtime(workers)
    runtime.precision = precision
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(), seed: 7, runtime: runtime)
    let history = try trainer.fit(digits.training, epochs: 20, batchSize: 32)
    #expect(try #require(trainer.evaluate(digits.validation).accuracy) >= 0.9)
    #expect(history.epochs.count == 20)
    #expect(history.stepCount == 20 * 45)
    #expect(history.epochs[19].trainLoss < 0.3 * history.epochs[0].trainLoss)
    let staleness = try #require(history.staleness)
    #expect(staleness.updateCount == history.stepCount)
    #expect(staleness.counts.count <= staleness.largest + 1)
    if workers == 1 { #expect((staleness.counts, staleness.mean, staleness.largest) == ([900], 0, 0)) }
  }

  @Test("one worker has the bits of ownerComputes: nothing is stale", arguments: 0..<14)
  func oneWorker(number: Int) throws {
    let draw = try TrainingDraw(number: number)
    #expect(
      try draw.result(Self.runtime(1), kernels: .selected()) == draw.result(.unpinned(1), kernels: .selected()))
  }

  @Test("with bfloat16 operands one worker has the bits of ownerComputes too", arguments: 0..<14)
  func oneWorkerBFloat16(number: Int) throws {
    let draw = try TrainingDraw(number: number)
    var runtime = Self.runtime(1)
    runtime.precision = .bf16Here
    let expected = try draw.result(.unpinned(1, .bf16Here), kernels: .selected())
    #expect(try draw.result(runtime, kernels: .selected()) == expected)
    #expect(try draw.result(Self.runtime(1), kernels: .selected()) != expected, "the precision was not used")
  }

  @Test("the plan says that bits differ, and what the workers' own minibatches take", arguments: [1, 3])
  func plan(workers: Int) throws {
    let plan = try Self.trainer(workers: workers).plan(for: SmallProblem.samples(1000), batchSize: 500)
    let shared = try SmallProblem.trainer(workers: workers).plan(for: SmallProblem.samples(1000), batchSize: 500)
    #expect(plan.reduction == .hogwild)
    #expect(!plan.givesSameBits && shared.givesSameBits)
    #expect(plan.reductionReason == "workers do not wait for one another, so no two runs give the same bits")
    func activations(_ plan: TrainingPlan) -> Int {
      plan.memory.parts.first { $0.name == "activations" }?.byteCount ?? 0
    }
    #expect(activations(plan) > workers * activations(shared))
  }

  @Test("workers left to the runtime are as many as the budget has, and their number is not tried out")
  func automaticWorkers() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
      runtime: RuntimeSettings(reduction: .hogwild))
    let plan = try trainer.plan(for: SmallProblem.samples(), batchSize: 10)
    #expect(plan.workerCount == min(10, plan.budget.limit))
    #expect(
      plan.workerReason
        == "an epoch has 10 steps to share without waiting; the CPU budget is \(plan.budget.limit)")
    guard AllocationAccount.isAvailable else { return }
    let history = try trainer.fit(SmallProblem.samples(), epochs: 5, batchSize: 10)
    #expect(history.workerPaces.map(\.workerCount) == [plan.workerCount])
  }

  @Test("every sample counts once an epoch, in whoever's minibatch it was", arguments: workerCounts)
  func everySampleCounts(workers: Int) throws {
    // With a rate of zero the weights stand still, so all losses are those of the evaluation.
    let trainer = try Self.trainer(SGD(learningRate: 0), workers: workers)
    let samples = try SmallProblem.samples(213)
    let expected = try trainer.evaluate(samples)
    let history = try trainer.fit(samples, epochs: 2, batchSize: 10)
    #expect(history.stepCount == 2 * 22)
    for epoch in history.epochs {
      #expect(abs(epoch.trainLoss / expected.loss - 1) < 1e-6)
      #expect(epoch.trainAccuracy == expected.accuracy)
    }
  }

  @Test("each call of fit has a histogram of its own")
  func tallies() throws {
    let trainer = try Self.trainer(workers: 1)
    for epochs in [3, 1] {
      let history = try trainer.fit(SmallProblem.samples(), epochs: epochs, batchSize: 20)
      #expect(history.staleness?.updateCount == epochs * 5)
    }
    #expect(trainer.stepCount == 20)
  }

  @Test("stop ends the epoch when the steps at hand are done", arguments: workerCounts)
  func stop(workers: Int) throws {
    let trainer = try Self.trainer(workers: workers)
    var progressCount = 0
    // Two million steps last for seconds anywhere, and the first progress is told after a tenth of one.
    let samples = try DataSubset(SmallProblem.dataset(), rows: (0..<2_000_000).map { UInt32($0 % 100) })
    let history = try trainer.fit(samples, epochs: 5, batchSize: 1) { event in
      guard case .progress(let progress) = event else { return .proceed }
      #expect(progress.trainLoss.isFinite || progress.step == 0)
      progressCount += 1
      return .stop
    }
    #expect(progressCount > 0)
    #expect(history.wasStopped)
    #expect(history.stepCount < 2_000_000)
    #expect(history.staleness?.updateCount == history.stepCount)
    #expect(trainer.stepCount == history.stepCount)
    #expect(history.epochs.isEmpty)
  }

  @Test("a loss that is not a number is told as ever", arguments: workerCounts)
  func divergence(workers: Int) throws {
    let network = Network(inputs: 5) {
      Dense(16, activation: .relu)
      Dense(3, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 1e30), normalization: .none, seed: 2,
      runtime: Self.runtime(workers))
    let good = trainer.stageParameters
    let error = #expect(throws: TrainingRuntimeError.self) {
      try trainer.fit(SmallProblem.samples(), epochs: 50, batchSize: 10)
    }
    #expect(error?.code == .diverged)
    #expect(error?.message.hasPrefix("the loss is not a finite number in epoch ") == true)
    #expect(error?.message.contains("layer ") == true)
    #expect(trainer.stepCount < 500)
    // Given good parameters, its workers go on: the first step's loss is a number again.
    trainer.stageParameters = good
    #expect(try trainer.fit(SmallProblem.samples(10), epochs: 1, batchSize: 10).stepCount == 1)
  }

  @Test("clipping tames each worker's own gradient", arguments: workerCounts)
  func clipping(workers: Int) throws {
    let trainer = try Self.trainer(SGD(learningRate: 1), clipping: .globalNorm(1e-4), workers: workers)
    let before = trainer.stageParameters
    let history = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: 10)
    let moved = zip(before, trainer.stageParameters).reduce(0.0) { sum, stages in
      zip(stages.0.weights + stages.0.bias, stages.1.weights + stages.1.bias).reduce(sum) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
    }.squareRoot()
    #expect(history.stepCount == 10)
    #expect(moved > 0)
    #expect(moved < 10 * 1e-4 * 1.01)
  }

  @Test("a rule that is not written for races is refused")
  func ownOptimizer() {
    let error = #expect(throws: TrainingRuntimeError.self) { try Self.trainer(GradientRecorder(), workers: 1) }
    #expect(error?.code == .setting)
    #expect(
      error?.description
        == "the optimizer gradient_recorder cannot run with the reduction hogwild, where updates race: only those of the "
        + "built-in optimizers are written for that; use a built-in optimizer such as adam, or the reduction segmented")
  }
}
