import Fascicle
import Testing

@Suite("Gradients summed over lanes")
struct SegmentedReductionTests {
  /// Two steps an epoch: one of nine panels, so that lanes have unequal shares, and one so short that most are empty.
  private static func draw(_ number: Int) throws -> TrainingDraw {
    try TrainingDraw(number: number, batchSize: 257, sampleCount: 330)
  }

  @Test(
    "the same bits at a number of lanes for any number of workers, pinned or not, and every instruction set",
    arguments: 0..<7, [2, 4, 8])
  func sameBits(number: Int, lanes: Int) throws {
    let draw = try Self.draw(number)
    let expected = try draw.result(.lanes(lanes, workers: 1), kernels: .selected())
    #expect(expected.losses.allSatisfy { $0.isFinite })
    for workers in [2, 3, 5, 8] {
      let runtime = RuntimeSettings.lanes(lanes, workers: workers, pinned: (number + workers) % 2 == 0)
      #expect(try draw.result(runtime, kernels: .selected()) == expected, "\(draw.testDescription), \(workers) workers")
    }
    for instructionSet in InstructionSet.runnable {
      let result = try draw.result(.lanes(lanes, workers: 3), kernels: KernelSet(instructionSet))
      #expect(result == expected, "\(draw.testDescription), \(instructionSet)")
    }
  }

  @Test("workers left to the runtime, which may change their number from step to step", arguments: [0, 3, 6], [2, 8])
  func automaticWorkers(number: Int, lanes: Int) throws {
    let draw = try Self.draw(number)
    let automatic = RuntimeSettings(reduction: .segmented, lanes: .exactly(lanes))
    #expect(
      try draw.result(automatic, kernels: .selected()) == draw.result(.lanes(lanes, workers: 2), kernels: .selected()))
  }

  @Test("one lane has the bits of ownerComputes, and the plan says that it is that", arguments: 0..<5)
  func oneLane(number: Int) throws {
    let draw = try Self.draw(number)
    #expect(
      try draw.result(.lanes(1, workers: 2), kernels: .selected()) == draw.result(.unpinned(3), kernels: .selected()))
    let plan = try draw.makeTrainer(.lanes(1, workers: 2), kernels: .selected())
      .plan(for: DataSubset(allOf: draw.dataset), batchSize: 257)
    #expect(plan.reduction == .ownerComputes)
    #expect(plan.laneCount == 1)
    #expect(plan.reductionReason == "in place of segmented, which would have a single lane: one is asked for")
  }

  /// The gradient of one step, as ``GradientRecorder`` leaves it behind.
  private func gradient(
    _ runtime: RuntimeSettings, clipping: GradientClipping = .none, draw: TrainingDraw
  ) throws -> [StageParameters] {
    let trainer = try Trainer(
      draw.network, loss: draw.loss, optimizer: GradientRecorder(), clipping: clipping,
      normalization: .standardize, seed: 5, runtime: runtime)
    _ = try trainer.fit(DataSubset(allOf: draw.dataset), epochs: 1, batchSize: draw.dataset.sampleCount)
    return trainer.stageParameters
  }

  private func flat(_ stages: [StageParameters]) -> [Float] { stages.flatMap { $0.weights + $0.bias + $0.slopes } }

  @Test("a gradient differs from that of ownerComputes by rounding, and by nothing else", arguments: 0..<10)
  func agreesWithOwnerComputes(number: Int) throws {
    let draw = try Self.draw(number)
    let expected = flat(try gradient(.unpinned(1), draw: draw)).map(Double.init)
    var bits: [[Float]] = []
    for lanes in [2, 4, 8] {
      let actual = flat(try gradient(.lanes(lanes, workers: 2), draw: draw))
      #expect(Departure.of(actual, from: expected) < 3e-6, "\(draw.testDescription), \(lanes) lanes")
      bits.append(actual)
    }
    // The control: lanes are really summed, for another number of them rounds otherwise.
    #expect(Set(bits).count == 3)
  }

  @Test("clipping bounds the norm of the whole gradient", arguments: [1, 2, 3], [2, 5])
  func clipping(workers: Int, lanes: Int) throws {
    let draw = try Self.draw(3)
    let loose = flat(try gradient(.lanes(lanes, workers: workers), draw: draw)).map(Double.init)
    let bounded = flat(try gradient(.lanes(lanes, workers: workers), clipping: .globalNorm(0.01), draw: draw))
    let norm = loose.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(norm > 0.02)
    #expect(Departure.of(bounded, from: loose.map { $0 * 0.01 / (norm + 1e-6) }) < 1e-5)
  }

  @Test("a minibatch of one panel is one lane's: such a last step has the bits of ownerComputes, the first has not")
  func onePanel() throws {
    let draw = try Self.draw(2)
    func stages(step: Int, _ runtime: RuntimeSettings) throws -> [Float] {
      let trainer = try Trainer(
        draw.network, loss: draw.loss, optimizer: OneStepDescent(number: step), normalization: .none, seed: 5,
        runtime: runtime)
      trainer.epochOrder = .sequential
      // 128 samples, then 13.
      let rows = (0..<141).map { UInt32($0) }
      _ = try trainer.fit(DataSubset(draw.dataset, rows: rows), epochs: 1, batchSize: 128)
      return flat(trainer.stageParameters)
    }
    #expect(try stages(step: 2, .lanes(4, workers: 3)) == stages(step: 2, .unpinned(1)))
    #expect(try stages(step: 1, .lanes(4, workers: 3)) != stages(step: 1, .unpinned(1)))
  }

  @Test("an epoch ends on the bits of its steps, the ragged last one included", arguments: [1, 3])
  func epochIsItsSteps(workers: Int) throws {
    func trainer() throws -> Trainer {
      let trainer = try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.05),
        normalization: .none, seed: 3, runtime: .lanes(2, workers: workers))
      trainer.epochOrder = .sequential
      return trainer
    }
    let whole = try trainer(), stepwise = try trainer()
    let dataset = try SmallProblem.dataset(sampleCount: 70 + 70 + 40)
    _ = try whole.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 70)
    for rows in [0..<70, 70..<140, 140..<180] {
      _ = try stepwise.fit(DataSubset(dataset, rows: rows.map { UInt32($0) }), epochs: 1, batchSize: rows.count)
    }
    #expect(whole.stepCount == 3)
    #expect(whole.weightsSHA256() == stepwise.weightsSHA256())
  }

  @Test("a trainer goes on with another minibatch size, and evaluates the same whatever its lanes")
  func changesHalfWay() throws {
    let draw = try Self.draw(4)
    let samples = DataSubset(allOf: draw.dataset)
    let first = try draw.makeTrainer(.lanes(2, workers: 3), kernels: .selected())
    let second = try draw.makeTrainer(.lanes(2, workers: 1), kernels: .selected())
    for trainer in [first, second] {
      _ = try trainer.evaluate(samples)
      for batchSize in [257, 64, 330] { _ = try trainer.fit(samples, epochs: 1, batchSize: batchSize) }
    }
    #expect(first.weightsSHA256() == second.weightsSHA256())
    let other = try draw.makeTrainer(.unpinned(2), kernels: .selected())
    _ = try other.fit(samples, epochs: 1, batchSize: 257)
    other.stageParameters = first.stageParameters
    #expect(try other.evaluate(samples) == first.evaluate(samples))
  }

  @Test("stop during an epoch finishes the step at hand and keeps it", arguments: [1, 3])
  func stop(workers: Int) throws {
    let gate = StepGate()
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: StepGate.Optimizer(gate: gate),
      runtime: .lanes(2, workers: workers))
    var isAsked = false
    let history = try trainer.fit(SmallProblem.samples(400), epochs: 5, batchSize: 40) { event in
      guard case .progress(let progress) = event else { return .proceed }
      #expect(progress.step == 0)
      if isAsked { gate.open() }
      isAsked = true
      return .stop
    }
    #expect(history.wasStopped)
    #expect(history.stepCount == 1)
    #expect(history.epochs.isEmpty)
    #expect(history.staleness == nil)
  }

  @Test(
    "a loss that is not a number: layer, epoch and step are named, the parameters before it are kept",
    arguments: [1, 3])
  func divergence(workers: Int) throws {
    let network = Network(inputs: 5) {
      Dense(16, activation: .relu)
      Dense(3, activation: .softmax)
    }
    func trainer(_ workers: Int) throws -> Trainer {
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 1e30), normalization: .none, seed: 2,
        runtime: .lanes(2, workers: workers))
      trainer.epochOrder = .sequential
      return trainer
    }
    let diverged = try trainer(workers), kept = try trainer(1)
    let error = #expect(throws: TrainingRuntimeError.self) {
      try diverged.fit(SmallProblem.samples(), epochs: 3, batchSize: 40)
    }
    #expect(error?.code == .diverged)
    #expect(
      error?.message == "the loss is not a finite number in epoch 1, step 2 of 3: "
        + "layer 2 (dense 3 softmax) gives nan at unit 1 for training row 40")
    _ = try kept.fit(DataSubset(SmallProblem.dataset(), rows: (0..<40).map { UInt32($0) }), epochs: 1, batchSize: 40)
    #expect(diverged.weightsSHA256() == kept.weightsSHA256())
  }

  @Test("a bad sample is found in whichever lane it lies", arguments: [3, 31, 32, 40, 64, 99])
  func divergenceInALane(row: Int) throws {
    var features = [Float](repeating: 0.5, count: 100 * 4)
    features[4 * row + 2] = 3e38
    let data = try Dataset(features: features, featureCount: 4, labels: (0..<100).map { $0 % 2 }, classCount: 2)
    let trainer = try Trainer(
      Network(inputs: 4) {
        Dense(2, activation: .relu)
        Dense(2, activation: .softmax)
      }, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .none, runtime: .lanes(3, workers: 2))
    trainer.epochOrder = .sequential
    trainer.stageParameters = [
      StageParameters(weights: [1, 1, 1, 1, 1, 1, 10, 1], bias: [0, 0]),
      StageParameters(weights: [1, 0, 0, 1], bias: [0, 0]),
    ]
    let error = #expect(throws: TrainingRuntimeError.self) {
      try trainer.fit(DataSubset(allOf: data), epochs: 1, batchSize: 100)
    }
    #expect(error?.message.hasSuffix("layer 1 (dense 2 relu) gives inf at unit 2 for training row \(row)") == true)
  }

  @Test("the plan shows the lanes, with their memory and why so many")
  func plan() throws {
    let plan = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), runtime: .lanes(3, workers: 2)
    ).plan(for: SmallProblem.samples(), batchSize: 100)
    #expect(plan.reduction == .segmented)
    #expect(plan.laneCount == 3)
    #expect(plan.givesSameBits)
    #expect(
      plan.reductionReason
        == "3 lanes asked for; the bits are the same for any number of workers with 3 lanes")
    let parts = Dictionary(uniqueKeysWithValues: plan.memory.parts.map { ($0.name, $0.byteCount) })
    #expect(parts["gradient lanes"] == parts["parameters"].map { 3 * $0 })
    #expect(plan.description.contains("reduction segmented: 3 lanes asked for"))
  }
}

/// Gradient descent that lets every step pass but one.
private struct OneStepDescent: GradientOptimizer {
  let number: Int
  var name: String { "one_step_descent" }
  var learningRate: Float { 0.1 }

  func update(_ slice: ParameterSlice) {
    guard slice.step == number else { return }
    for index in 0..<slice.count { slice.parameters[index] -= slice.learningRate * slice.gradient(at: index) }
  }
}
