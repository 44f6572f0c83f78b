import Fascicle
import NeuronKernels
import Testing

@Suite("The cost model")
struct CostModelTests {
  private static let fashion = [784, 256, 128, 10], classic = [784, 512, 512, 10], tiny = [32, 64, 64, 10]

  private func choice(_ model: CostModel, limit: Int = 16) -> Int {
    WorkerChoice.make(.automatic, limit: limit, model: model).workerCount
  }

  @Test("64 samples on 16 cores are shared by units, and more than four workers take part")
  func fewSamplesManyCores() throws {
    let model = try SyntheticRates.model(Self.classic, batch: 64)
    let count = choice(model)
    #expect(count > 4)
    let (split, cost) = model.phaseASplit(workers: count)
    guard case .units(let size) = split else {
      Issue.record("shared \(split) among \(count)")
      return
    }
    #expect(size > 1 && size * split.groupCount(workerCount: count) <= count)
    #expect(cost.barrier > 0)
    #expect(WorkerChoice.make(.automatic, limit: 16, model: model).phaseASplit == split)
    // By samples alone no more than four workers have any, and the step is longer.
    #expect(model.step(workers: 16, split: .samples).seconds > model.step(workers: count).seconds)
  }

  @Test("units are divided only where that gains, and where the network lets them")
  func splits() throws {
    func split(_ layers: [Int], batch: Int, workers: Int, barrier: Double = 1e-7) throws -> PhaseASplit {
      try SyntheticRates.model(layers, batch: batch, rates: SyntheticRates.rates(barrierSeconds: barrier))
        .phaseASplit(workers: workers).split
    }
    #expect(try split(Self.classic, batch: 512, workers: 16) == .samples)
    #expect(try split(Self.classic, batch: 32, workers: 2) == .samples)
    #expect(try split(Self.classic, batch: 16, workers: 4) == .units(groupSize: 4))
    #expect(try split(Self.classic, batch: 16, workers: 4, barrier: 1e-3) == .samples)
    #expect(try split(Self.classic, batch: 16, workers: 1) == .samples)
    let network = Network(inputs: 512) {
      Dense(512, activation: .softmax)
      Dense(10, activation: .softmax)
    }
    let model = try SyntheticRates.model(Self.classic, batch: 16)
    let coupled = CostModel(
      program: try NetworkProgram(network, loss: .categoricalCrossEntropy), batchSize: 16, stateSlotCount: 2,
      rates: model.rates, team: model.team)
    #expect(coupled.phaseASplitByUnits(workers: 16) == nil)
    #expect(coupled.phaseASplit(workers: 16).split == .samples)
  }

  @Test("workers meet once more for each of norm, trust ratio, penalty on angles and constraint on rows")
  func meetings() throws {
    func count(
      _ optimizer: any GradientOptimizer = Adam(), _ clipping: GradientClipping = .none, skips: Int = 0,
      _ learning: LayerLearning = LayerLearning()
    ) throws -> Int {
      let network = Network(inputs: 5) { Dense(3, activation: .softmax, learning: learning) }
      return try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: optimizer, clipping: clipping,
        transforms: UpdateTransforms(skipLimit: skips), runtime: .unpinned(1)
      ).meetingCount
    }
    #expect(try count() == 2)
    #expect(try count(Adam(), .value(1)) == 2)
    #expect(try count(Adam(), .globalNorm(1)) == 3)
    #expect(try count(Adam(), .none, skips: 3) == 3)
    #expect(try count(LAMB()) == 4)
    #expect(try count(Adafactor()) == 6)
    #expect(try count(Adam(), .adaptive(0.1)) == 4)
    // The norm, the direction, its length, and three for each of five iterations.
    #expect(try count(Muon(matrices: .all)) == 20)
    #expect(try count(Adam(), .none, LayerLearning(orthogonal: 0.1)) == 3)
    #expect(try count(Adam(), .none, LayerLearning(constraint: .maxNorm())) == 3)
    #expect(try count(Adam(), .none, LayerLearning(constraint: .nonNegative)) == 2)
    #expect(try count(LARS(), .tensorNorm(1), LayerLearning(orthogonal: 0.1, constraint: .unitNorm)) == 6)
    let plain = try SyntheticRates.model(Self.classic, batch: 512)
    let meeting = CostModel(
      program: plain.program, batchSize: 512, stateSlotCount: 2, rates: plain.rates, team: plain.team, meetingCount: 5)
    for workers in [1, 2, 8] {
      let difference =
        meeting.step(workers: workers, split: .samples).seconds
        - plain.step(workers: workers, split: .samples).seconds
      #expect(abs(difference - 3 * plain.barrierSeconds(workers)) < 1e-12)
    }
  }

  @Test("a step of several minibatches takes so many passes, and one update")
  func accumulation() throws {
    let plain = try SyntheticRates.model(Self.classic, batch: 128)
    let several = CostModel(
      program: plain.program, batchSize: 128, stateSlotCount: 2, rates: plain.rates, team: plain.team, accumulation: 4)
    for workers in [1, 2, 8] {
      let one = plain.step(workers: workers), four = several.step(workers: workers, split: one.split)
      #expect(abs(four.forward / one.forward - 4) < 1e-9 && abs(four.gradient / one.gradient - 4) < 1e-9)
      #expect(four.optimizer == one.optimizer)
      if workers > 1 { #expect(abs(four.barrier / one.barrier - 4) < 1e-9) }
    }
  }

  @Test("products of whole matrices are counted, by their FLOP and shared by their tiles")
  func wholeTensors() throws {
    func work(
      _ optimizer: any GradientOptimizer, _ clipping: GradientClipping = .none, _ learning: LayerLearning = .init(),
      widths: [Int] = [512, 512, 512]
    ) throws -> WholeTensorWork {
      let network = Network(
        inputs: widths[0], layers: widths.dropFirst().map { .dense(Dense($0, activation: .relu, learning: learning)) })
      return WholeTensorWork(
        try NetworkProgram(network, loss: .meanSquaredError), optimizer: optimizer, clipping: clipping,
        transforms: UpdateTransforms())
    }
    let rates = SyntheticRates.rates()
    func seconds(_ work: WholeTensorWork, workers: Int = 1) -> Double {
      work.seconds(workers: workers, rates: rates, secondLevelBytes: 1 << 30)
    }
    #expect(try work(Adam()) == WholeTensorWork())
    let muon = try work(Muon(matrices: .all))
    // Two square matrices: thirty times the cube of a side each, at the rate of products.
    let flops = 2 * 30 * Double(512 * 512 * 512)
    #expect(seconds(muon) > flops / 100e9 && seconds(muon) < 1.2 * flops / 100e9)
    // 256 tiles of each product are shared evenly by as many as divide them.
    #expect(abs(seconds(muon, workers: 16) * 16 / seconds(muon) - 1) < 1e-9)
    #expect(seconds(muon, workers: 3) > seconds(muon) / 3 && seconds(muon, workers: 3) < seconds(muon) / 2.9)
    // A matrix of one tile is one worker's.
    let small = try work(Muon(matrices: .all), widths: [32, 32])
    #expect(seconds(small, workers: 4) > 0.8 * seconds(small))
    // Passes over the parameters are little beside it, but not nothing, and more with more to do.
    let lamb = try work(LAMB()), adafactor = try work(Adafactor()), clipped = try work(Adam(), .globalNorm(1))
    #expect(seconds(clipped) > 0)
    #expect(seconds(lamb) > seconds(clipped) && seconds(adafactor) > seconds(lamb))
    #expect(seconds(adafactor) < 0.05 * seconds(muon))
    #expect(try seconds(work(Adam(), .adaptive(1))) > seconds(clipped))
    #expect(try seconds(work(LBFGS(history: 20))) > seconds(work(LBFGS(history: 2))))
    #expect(try work(SGD(), .none, LayerLearning(constraint: .maxNorm())) != WholeTensorWork())
    let angles = try work(SGD(), .none, LayerLearning(orthogonal: 0.1))
    #expect(seconds(angles) > 2 * 4 * Double(512 * 512 * 512) / 100e9)
    #expect(try work(SGD(), .none, LayerLearning(orthogonal: 0.1, isFrozen: true)) == WholeTensorWork())
  }

  @Test("a trainer's own predictions have them")
  func ownPredictions() throws {
    func optimizerSeconds(_ optimizer: any GradientOptimizer) throws -> Double {
      let trainer = try Trainer(
        Network(inputs: 256) {
          Dense(256, activation: .relu)
          Dense(256)
        }, loss: .meanSquaredError, optimizer: optimizer, runtime: .unpinned(1))
      let model = try #require(try trainer.costModel(batchSize: 32, measures: true))
      return model.step(workers: 1).optimizer
    }
    #expect(try optimizerSeconds(Muon(matrices: .all)) > 5 * optimizerSeconds(AdamW()))
  }

  @Test("what phase A costs in groups is the product of a part of the units, and a meeting after every layer")
  func groupCost() throws {
    let model = try SyntheticRates.model([64, 1200, 1200, 10], batch: 16)
    let alone = model.phaseACost(.samples, workers: 1), together = model.phaseACost(.units(groupSize: 4), workers: 4)
    #expect(together.forward < 0.27 * alone.forward && together.forward > 0.25 * alone.forward)
    #expect(abs(together.barrier - 6 * model.barrierSeconds(4)) < 1e-15)
  }

  @Test("a small step on a slow barrier stays with one worker")
  func slowBarrier() throws {
    let slow = SyntheticRates.rates(barrierSeconds: 100e-6)
    #expect(choice(try SyntheticRates.model(Self.tiny, batch: 32, rates: slow)) == 1)
    #expect(choice(try SyntheticRates.model(Self.tiny, batch: 1, rates: slow)) == 1)
    // The barrier is what it fails on: a step of many milliseconds is still worth all.
    #expect(choice(try SyntheticRates.model([4096, 4096, 4096, 10], batch: 1024, rates: slow), limit: 2) == 2)
  }

  @Test(
    "the fewest workers within three percent of the shortest step are taken", arguments: [1, 8, 40, 128, 500, 2048])
  func fewestOfEqual(batch: Int) throws {
    for layers in [Self.tiny, Self.fashion, Self.classic, [8, 8, 8, 10]] {
      let model = try SyntheticRates.model(layers, batch: batch)
      let times = (1...16).map { model.step(workers: $0).seconds }
      let count = choice(model), shortest = try #require(times.min())
      #expect(times[count - 1] * 0.97 <= shortest)
      #expect(times[..<(count - 1)].allSatisfy { $0 * 0.97 > shortest })
    }
  }

  @Test("a machine that is slower in everything takes as many workers, each step as much longer")
  func scaleInvariance() throws {
    for layers in [Self.tiny, Self.fashion, Self.classic] {
      let fast = try SyntheticRates.model(layers, batch: 96)
      let slow = try SyntheticRates.model(layers, batch: 96, rates: SyntheticRates.slowed(fast.rates, by: 3))
      #expect(choice(fast) == choice(slow))
      for workers in [1, 2, 5, 16] {
        let ratio = slow.step(workers: workers).seconds / fast.step(workers: workers).seconds
        #expect(abs(ratio - 3) < 1e-9)
      }
    }
  }

  @Test("more samples, wider layers and slower barriers never shorten a step")
  func monotonic() throws {
    for workers in [1, 2, 4, 16] {
      func seconds(_ width: Int, _ batch: Int, _ barrier: Double = 1e-7) throws -> Double {
        try SyntheticRates.model(
          [width, width, 10], batch: batch, rates: SyntheticRates.rates(barrierSeconds: barrier)
        ).step(workers: workers, split: .samples).seconds
      }
      let byBatch = try [1, 32, 64, 512, 2048].map { try seconds(128, $0) }
      let byWidth = try [8, 32, 128, 512, 2048].map { try seconds($0, 64) }
      let byBarrier = try [1e-8, 1e-7, 1e-5].map { try seconds(128, 64, $0) }
      for series in [byBatch, byWidth, byBarrier] { #expect(series == series.sorted()) }
    }
  }

  @Test("one worker waits for nobody, and its step is all the arithmetic at the kernels' rate")
  func oneWorker() throws {
    let model = try SyntheticRates.model([1024, 1024, 1024, 10], batch: 256, stateSlotCount: 0)
    let step = model.step(workers: 1)
    #expect(step.barrier == 0 && step.transfer == 0)
    let floor = model.program.flopsPerStep(sampleCount: 256) / 100e9
    #expect(step.seconds > floor && step.seconds < 1.25 * floor)
  }

  @Test("phase A is as long as the worker with most panels needs, and half panels are worth what they take")
  func coarsePanels() throws {
    let model = try SyntheticRates.model(Self.classic, batch: 96)
    func forward(_ workers: Int) -> Double { model.phaseACost(.samples, workers: workers).forward / 3 }
    let one = model.phaseACost(.samples, workers: 1).forward / 9
    for (workers, panels) in [(1, 3.0), (2, 1.52), (3, 1.0), (6, 0.52), (16, 0.52)] {
      #expect(abs(forward(workers) / one - panels) < 1e-9, "\(workers)")
    }
  }

  @Test("barriers are those measured, between them on a line, and beyond in proportion to the way")
  func barriers() throws {
    var rates = SyntheticRates.rates()
    rates.barriers.append(MachineRates.BarrierTiming(workerCount: 4, seconds: 300e-9))
    let near = try SyntheticRates.model(Self.tiny, batch: 32, machine: "l3:1 core:8 pu:1", rates: rates)
    let far = try SyntheticRates.model(Self.tiny, batch: 32, machine: "numa:2 l3:1 core:4 pu:1", rates: rates)
    for (workers, expected) in [(1, 0.0), (2, 100e-9), (3, 200e-9), (4, 300e-9), (8, 600e-9)] {
      #expect(abs(near.barrierSeconds(workers) - expected) < 1e-15)
    }
    #expect(far.barrierSeconds(4) == near.barrierSeconds(4))
    #expect(far.barrierSeconds(8) > 4 * near.barrierSeconds(8))
  }

  @Test("cores behind several caches are worth fewer workers than as many behind one")
  func severalCaches() throws {
    let one = try SyntheticRates.model(Self.fashion, batch: 128, machine: "l3:1 core:32 pu:1")
    let many = try SyntheticRates.model(Self.fashion, batch: 128, machine: "pack:2 numa:1 l3:8 core:2 pu:1")
    #expect(choice(many, limit: 32) < choice(one, limit: 32))
    #expect(many.step(workers: 32).seconds > one.step(workers: 32).seconds)
    #expect(many.step(workers: 2).seconds == one.step(workers: 2).seconds)
  }

  @Test("a model beyond the caches is as slow as memory, whatever the cores")
  func memoryBound() throws {
    // One sample a step: 67 million parameters with Adam are 1.6 GB to move, and little to compute.
    let model = try SyntheticRates.model([8192, 8192, 10], batch: 1, machine: "l3:1 core:2 pu:1")
    let bytes = Double(model.program.vectorCount) * 4 * 6
    let step = model.step(workers: 2)
    #expect(step.seconds > 0.8 * bytes / 25e9)
    #expect(step.optimizer > step.gradient)
  }

  @Test("workers that share processors take turns, and their barriers sleep")
  func oversubscribed() throws {
    let model = try SyntheticRates.model(Self.classic, batch: 512, machine: "l3:1 core:2 pu:1")
    #expect(model.step(workers: 4).seconds > model.step(workers: 2).seconds)
    #expect(model.barrierSeconds(3) > 10e-6)
  }

  @Test("no count and no batch makes the model stumble")
  func extremes() throws {
    for layers in [[1, 1], [3, 5000], [5000, 1], [1, 1, 1, 1]] {
      for batch in [1, 15, 17, 33, 100_000] {
        let model = try SyntheticRates.model(layers, batch: batch)
        for workers in [1, 2, 3, 16, 17, 1024] {
          let seconds = model.step(workers: workers).seconds
          #expect(seconds.isFinite && seconds > 0, "\(layers) \(batch) \(workers)")
        }
      }
    }
  }

  @Test("a choice says what it predicts for its own number, for all and for one")
  func reasons() throws {
    let model = try SyntheticRates.model(Self.classic, batch: 64)
    let automatic = WorkerChoice.make(.automatic, limit: 16, model: model)
    #expect(automatic.predictedStepSeconds == model.step(workers: automatic.workerCount).seconds)
    #expect(automatic.reason.hasPrefix("a step is predicted to take "))
    #expect(automatic.reason.contains("with 1; the CPU budget is 16"))
    let exact = WorkerChoice.make(.exactly(3), limit: 16, model: model)
    #expect(exact.predictedStepSeconds == model.step(workers: 3).seconds)
    #expect(WorkerChoice.make(.exactly(3), limit: 16, model: nil).predictedStepSeconds == nil)
    #expect(WorkerChoice.make(.automatic, limit: 1, model: model).workerCount == 1)
  }
}
