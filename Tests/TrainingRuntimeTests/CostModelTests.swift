import Fascicle
import NeuronKernels
import Testing

@Suite("The cost model")
struct CostModelTests {
  private static let fashion = [784, 256, 128, 10], classic = [784, 512, 512, 10], tiny = [32, 64, 64, 10]

  private func choice(_ model: CostModel, limit: Int = 16) -> Int {
    WorkerChoice.make(.automatic, limit: limit, model: model).workerCount
  }

  @Test("64 samples on 16 cores are split by features, and more than four workers take part")
  func fewSamplesManyCores() throws {
    let model = try SyntheticRates.model(Self.classic, batch: 64)
    let count = choice(model)
    #expect(count > 4)
    let (split, cost) = model.phaseASplit(workers: count)
    guard case .features(let groups, let size, _) = split else {
      Issue.record("split by \(split) among \(count)")
      return
    }
    #expect(groups * size <= count && size > 1)
    #expect(cost.barrier > 0)
    // Without that split the same machine is worth fewer workers, and a longer step.
    let plain = try SyntheticRates.model(Self.classic, batch: 64, support: .wholePanels)
    #expect(plain.step(workers: choice(plain)).seconds > model.step(workers: count).seconds)
  }

  @Test("a step splits its samples no finer than it can")
  func support() throws {
    func split(_ support: PhaseASplit.Support, batch: Int, workers: Int) throws -> PhaseASplit {
      try SyntheticRates.model(Self.classic, batch: batch, support: support).phaseASplit(workers: workers).split
    }
    #expect(try split(.wholePanels, batch: 32, workers: 2) == .samples(unit: 32))
    #expect(try split(.halfPanels, batch: 32, workers: 2) == .samples(unit: 16))
    #expect(try split(.halfPanels, batch: 512, workers: 2) == .samples(unit: 32))
    #expect(try split(.halfPanels, batch: 16, workers: 16) == .samples(unit: 32))
    // As many panels as workers: nothing is left to gain from features.
    #expect(try split(.features, batch: 512, workers: 16) == .samples(unit: 32))
  }

  @Test("a small step on a slow barrier stays with one worker")
  func slowBarrier() throws {
    let slow = SyntheticRates.rates(barrierSeconds: 100e-6)
    #expect(choice(try SyntheticRates.model(Self.tiny, batch: 32, rates: slow)) == 1)
    #expect(choice(try SyntheticRates.model(Self.tiny, batch: 1, rates: slow)) == 1)
    // The barrier is what it fails on: a step of many milliseconds is still worth all.
    #expect(choice(try SyntheticRates.model([4096, 4096, 4096, 10], batch: 1024, rates: slow), limit: 2) == 2)
  }

  @Test("the fewest workers within three percent of the shortest step are taken", arguments: [1, 8, 40, 128, 500, 2048])
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
          [width, width, 10], batch: batch, support: .wholePanels,
          rates: SyntheticRates.rates(barrierSeconds: barrier)
        ).step(workers: workers).seconds
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

  @Test("phase A is as long as the worker with most panels needs")
  func coarsePanels() throws {
    let model = try SyntheticRates.model(Self.classic, batch: 96, support: .wholePanels)
    func forward(_ workers: Int) -> Double { model.phaseASplitBySamples(workers: workers).cost.forward }
    #expect(abs(forward(2) / forward(1) - 2.0 / 3) < 1e-9)
    #expect(abs(forward(3) / forward(1) - 1.0 / 3) < 1e-9)
    #expect(forward(16) == forward(3))
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
