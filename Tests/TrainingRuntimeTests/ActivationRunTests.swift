import Fascicle
import Testing

/// Every activation in whole runs: the same bits wherever they execute, and training that learns.
@Suite("Activations in training")
struct ActivationRunTests {
  static let functions =
    ActivationFunction.all.filter { $0 != .step() } + [
      .step(gradient: .straightThrough), .preLU(sharing: .perLayer), .leakyReLU(slope: -0.2), .gelu(form: .tanh),
      .scaledLinear(slope: 0.5),
    ]

  private func digest(
    _ function: ActivationFunction, isOwnLayer: Bool, _ runtime: RuntimeSettings, kernels: KernelSet? = nil
  ) throws -> String {
    let network = Network(inputs: 5) {
      Dense(37, activation: .tanh)
      if isOwnLayer {
        Activation(function)
        Dense(6, activation: .sigmoid)
      } else {
        Dense(6, activation: function)
      }
      Dense(3, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.01), normalization: .none, seed: 9,
      runtime: runtime, kernels: kernels ?? .selected())
    _ = try trainer.fit(SmallProblem.samples(150), epochs: 2, batchSize: 70)
    return try trainer.weightsSHA256() + " \(trainer.evaluate(SmallProblem.samples(40)))"
  }

  @Test("the same bits for any number of workers, unit shares and instruction set", arguments: functions)
  func sameBits(function: ActivationFunction) throws {
    for isOwnLayer in [false, true] {
      let expected = try digest(function, isOwnLayer: isOwnLayer, .unpinned(1))
      for workers in [2, 3, 7] {
        #expect(try digest(function, isOwnLayer: isOwnLayer, .unpinned(workers)) == expected, "\(workers) workers")
      }
      var shared = RuntimeSettings.unpinned(4)
      shared.phaseASplit = .units(groupSize: 4)
      #expect(try digest(function, isOwnLayer: isOwnLayer, shared) == expected, "units shared")
      for set in InstructionSet.runnable {
        #expect(
          try digest(function, isOwnLayer: isOwnLayer, .unpinned(2), kernels: KernelSet(set)) == expected, "\(set)")
      }
    }
  }

  @Test("the same bits for any number of workers with two lanes, and with bfloat16 operands", arguments: functions)
  func sameBitsElsewhere(function: ActivationFunction) throws {
    for isOwnLayer in [false, true] {
      let lanes = try digest(function, isOwnLayer: isOwnLayer, .lanes(2, workers: 1))
      #expect(try digest(function, isOwnLayer: isOwnLayer, .lanes(2, workers: 3)) == lanes)
      func halved(_ workers: Int) -> RuntimeSettings {
        RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, precision: .bf16Emulated)
      }
      let bfloat16 = try digest(function, isOwnLayer: isOwnLayer, halved(1))
      #expect(try digest(function, isOwnLayer: isOwnLayer, halved(3)) == bfloat16)
    }
  }

  @Test("random slopes change with the seed, and answers take their mean")
  func randomSlopes() throws {
    func trainer(seed: UInt64) throws -> Trainer {
      let trainer = try Trainer(
        Network(inputs: 5) {
          Dense(16, activation: .rreLU())
          Dense(3, activation: .softmax)
        }, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.1), normalization: .none, seed: seed,
        runtime: .unpinned(1))
      trainer.epochOrder = .sequential
      return trainer
    }
    let first = try trainer(seed: 1), second = try trainer(seed: 2)
    second.stageParameters = first.stageParameters
    let samples = try SmallProblem.samples()
    let before = try first.evaluate(samples)
    #expect(before.loss == (try second.evaluate(samples)).loss)
    for trainer in [first, second] { _ = try trainer.fit(samples, epochs: 1, batchSize: 10) }
    #expect(first.weightsSHA256() != second.weightsSHA256())
    #expect(try first.evaluate(samples).loss == first.evaluate(samples).loss)
  }

  @Test("the perceptron rule separates what a line separates")
  func perceptronRule() throws {
    var random = PhiloxStream(seed: 4, stream: 1)
    let points = (0..<60).map { _ in (random.uniform(reach: 1), random.uniform(reach: 1)) }
      .filter { abs($0.0 - 2 * $0.1 + 0.2) > 0.1 }
    let data = try Dataset(
      features: points.flatMap { [$0.0, $0.1] }, featureCount: 2,
      targets: points.map { $0.0 - 2 * $0.1 + 0.2 > 0 ? 1 : 0 }, targetCount: 1)
    let trainer = try Trainer(
      Network(inputs: 2) { Dense(1, activation: .step(gradient: .perceptron)) }, loss: .meanSquaredError,
      optimizer: SGD(learningRate: 0.5), normalization: .none, seed: 1, runtime: .unpinned(1))
    let history = try trainer.fit(DataSubset(allOf: data), epochs: 100, batchSize: 1)
    #expect(history.epochs[0].trainLoss > 0)
    #expect(history.epochs[99].trainLoss == 0)
  }
}
