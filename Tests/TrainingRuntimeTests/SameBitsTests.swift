import Fascicle
import Testing

@Suite("The same bits wherever a run executes")
struct SameBitsTests {
  @Test("any number of workers, pinned or not, and every instruction set", arguments: 0..<2 * TrainingDraw.roundCount)
  func sameBits(number: Int) throws {
    try TrainingDraw(number: number).expectSameBits(workerCounts: [1, 2, 3, 5, 8])
  }

  @Test("the draws meet every optimizer, loss and minibatch size")
  func drawsAreComplete() throws {
    let draws = try (0..<TrainingDraw.roundCount).map { try TrainingDraw(number: $0) }
    #expect(Set(draws.map(\.loss)) == Set(LossRunTests.losses))
    #expect(Set(draws.map(\.optimizer.name)).isSuperset(of: ["adam", "lamb", "lars", "adafactor", "muon"]))
    #expect(Set(draws.map(\.batchSize)) == Set(TrainingDraw.batchSizes))
    // The rounds go on with other pairs.
    let next = try TrainingDraw(number: TrainingDraw.roundCount)
    #expect(next.optimizer.name == draws[0].optimizer.name && next.loss != draws[0].loss)
  }

  @Test("groups of workers that share the units of every layer", arguments: 0..<2 * TrainingDraw.roundCount)
  func sharedUnits(number: Int) throws {
    let draw = try TrainingDraw(number: number)
    let expected = try draw.result(.unpinned(1), kernels: .selected())
    for (workers, groupSize) in [(2, 2), (3, 2), (5, 5), (6, 3)] {
      var runtime = RuntimeSettings.unpinned(workers)
      runtime.phaseASplit = .units(groupSize: groupSize)
      #expect(
        try draw.result(runtime, kernels: .selected()) == expected,
        "\(draw.testDescription), \(workers) workers in groups of \(groupSize)")
    }
  }

  @Test("workers left to the runtime, which may change their number from step to step", arguments: [0, 6, 17, 38])
  func automaticWorkers(number: Int) throws {
    let draw = try TrainingDraw(number: number)
    let automatic = RuntimeSettings(workers: .automatic, pinsWorkers: number % 2 == 0)
    #expect(try draw.result(automatic, kernels: .selected()) == draw.result(.unpinned(1), kernels: .selected()))
  }

  @Test("output gradients that lie beyond the caches, and are asked for ahead of time")
  func farGradients() throws {
    // 520 samples of 4200 units, more than 8 MiB, and two groups of input panels.
    var random = PhiloxStream(seed: 5, stream: 6)
    let dataset = try Dataset(
      features: random.uniform(count: 520 * 300, reach: 1), featureCount: 300, labels: (0..<520).map { $0 % 2 })
    func digest(workers: Int, _ kernels: KernelSet) throws -> String {
      let network = Network(inputs: 300) {
        Dense(4200, activation: .relu)
        Dense(2, activation: .softmax)
      }
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: Adam(), seed: 5, runtime: .unpinned(workers),
        kernels: kernels)
      _ = try trainer.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 520)
      return trainer.weightsSHA256()
    }
    let expected = try digest(workers: 1, .selected())
    for workers in [2, 3] { #expect(try digest(workers: workers, .selected()) == expected) }
    for set in InstructionSet.runnable where set != .reference {
      #expect(try digest(workers: 2, KernelSet(set)) == expected, "\(set)")
    }
  }

  @Test("runs that differ in seed, order or rate differ in bits, so equal digests mean something")
  func differentRunsDiffer() throws {
    let draw = try TrainingDraw(number: 3)
    func digest(seed: UInt64 = 3, rate: Float = 0.05, order: EpochOrder? = nil) throws -> String {
      let trainer = try Trainer(
        draw.network, loss: draw.loss, optimizer: SGD(learningRate: rate), seed: seed, runtime: .unpinned(1))
      if let order { trainer.epochOrder = order }
      _ = try trainer.fit(DataSubset(allOf: draw.dataset), epochs: 1, batchSize: 7)
      return trainer.weightsSHA256()
    }
    let digests = [
      try digest(), try digest(seed: 4), try digest(rate: Float(0.05).nextUp), try digest(order: .sequential),
    ]
    #expect(Set(digests).count == digests.count)
    #expect(try digest() == digests[0])
  }

  @Test(
    "two calls of fit go on where one longer call would, optimizer state and epoch order included",
    arguments: 0..<TrainingDraw.roundCount)
  func callsContinue(number: Int) throws {
    let draw = try TrainingDraw(number: number)
    func trainer() throws -> Trainer {
      try Trainer(
        draw.network, loss: draw.loss, optimizer: draw.optimizer, clipping: draw.clipping, seed: 9,
        runtime: .unpinned(2))
    }
    let training = DataSubset(allOf: draw.dataset)
    let once = try trainer(), twice = try trainer()
    _ = try once.fit(training, epochs: 3, batchSize: draw.batchSize)
    _ = try twice.fit(training, epochs: 1, batchSize: draw.batchSize)
    _ = try twice.fit(training, epochs: 2, batchSize: draw.batchSize)
    #expect(twice.weightsSHA256() == once.weightsSHA256())
    #expect(twice.epochCount == 3)
    #expect(twice.stepCount == once.stepCount)
  }

  @Test("each epoch visits the rows in the order that its number and the seed give, over calls as well")
  func epochOrders() throws {
    let dataset = try SmallProblem.dataset(sampleCount: 50)
    let shuffled = try SmallProblem.trainer(seed: 21), byHand = try SmallProblem.trainer(seed: 21)
    byHand.epochOrder = .sequential
    let order = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 50)
    defer { order.deallocate() }
    for epochs in [0..<2, 2..<3] {
      _ = try shuffled.fit(DataSubset(allOf: dataset), epochs: epochs.count, batchSize: 16)
      for epoch in epochs {
        EpochOrder(seed: 21).write(epoch: epoch, into: order)
        _ = try byHand.fit(DataSubset(dataset, rows: Array(order)), epochs: 1, batchSize: 16)
      }
      #expect(shuffled.weightsSHA256() == byHand.weightsSHA256())
    }
  }

  @Test("a run goes on with another number of workers as if nothing had changed")
  func workersChangeHalfWay() throws {
    let draw = try TrainingDraw(number: 1)
    let training = DataSubset(allOf: draw.dataset)
    func trainer(_ workers: Int) throws -> Trainer {
      let trainer = try Trainer(
        draw.network, loss: draw.loss, optimizer: SGD(learningRate: 0.05), seed: 4, runtime: .unpinned(workers))
      trainer.epochOrder = .sequential
      return trainer
    }
    let whole = try trainer(1)
    _ = try whole.fit(training, epochs: 2, batchSize: 32)
    let first = try trainer(5), second = try trainer(3)
    _ = try first.fit(training, epochs: 1, batchSize: 32)
    second.stageParameters = first.stageParameters
    _ = try second.fit(training, epochs: 1, batchSize: 32)
    #expect(second.weightsSHA256() == whole.weightsSHA256())
  }

  @Test("a ragged last minibatch counts for what it is: an epoch ends on the bits of its steps", arguments: [1, 3])
  func raggedLastStep(workers: Int) throws {
    func trainer() throws -> Trainer {
      let trainer = try SmallProblem.trainer(Adam(learningRate: 0.05), workers: workers)
      trainer.epochOrder = .sequential
      return trainer
    }
    let whole = try trainer(), stepwise = try trainer()
    let dataset = try SmallProblem.dataset(sampleCount: 83)
    _ = try whole.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 40)
    for rows in [0..<40, 40..<80, 80..<83] {
      _ = try stepwise.fit(DataSubset(dataset, rows: rows.map { UInt32($0) }), epochs: 1, batchSize: rows.count)
    }
    #expect(whole.stepCount == 3)
    #expect(whole.weightsSHA256() == stepwise.weightsSHA256())
  }

  @Test("a data set of one row trains on any number of workers", arguments: [1, 2, 8])
  func oneRow(workers: Int) throws {
    let dataset = try Dataset(features: [0.5, -1, 2] as [Float], featureCount: 3, labels: [1], classCount: 2)
    let trainer = try Trainer(
      Network(inputs: 3) {
        Dense(4, activation: .tanh)
        Dense(2, activation: .softmax)
      }, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.5), normalization: .none, seed: 1,
      runtime: .unpinned(workers))
    let history = try trainer.fit(DataSubset(allOf: dataset), epochs: 20, batchSize: 128)
    #expect(history.stepCount == 20)
    #expect(history.epochs[19].trainLoss < 0.5 * history.epochs[0].trainLoss)
    #expect(history.epochs[19].trainAccuracy == 1)
    #expect(trainer.plan?.batchSize == 1)
  }
}
