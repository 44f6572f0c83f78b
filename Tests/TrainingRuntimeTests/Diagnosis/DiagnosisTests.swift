import Fascicle
import Glibc
import Testing

@Suite("A diagnosis")
struct DiagnosisTests {
  private static func trainer(
    _ network: Network, _ optimizer: any GradientOptimizer = Adam(), normalization: Normalization = .standardize,
    runtime: RuntimeSettings = .unpinned(2), mode: DiagnosisMode = .sampled
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, normalization: normalization, seed: 7,
      runtime: runtime)
    trainer.diagnosis = mode
    return trainer
  }

  private static let digitsNetwork = Network(inputs: 64) {
    Dense(64, activation: .relu)
    Dense(10, activation: .softmax)
  }

  private static func digits() throws -> DataSubset { DataSubset(allOf: try .digits()) }

  private static func kinds(_ history: History) -> Set<DiagnosisVerdict.Kind> {
    Set(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] }.map(\.kind))
  }

  // MARK: Healthy networks

  @Test("healthy digits are not called sick", arguments: [DiagnosisMode.sampled, .steps(perEpoch: 32)])
  func healthyDigits(mode: DiagnosisMode) throws {
    let history = try Self.trainer(Self.digitsNetwork, mode: mode).fit(Self.digits(), epochs: 20, batchSize: 32)
    #expect(history.epochs.last?.trainAccuracy ?? 0 > 0.99)
    #expect(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] } == [])
  }

  @Test("healthy moons are not called sick", arguments: [ActivationFunction.relu, .tanh, .sigmoid, .gelu()])
  func healthyMoons(activation: ActivationFunction) throws {
    let network = Network(inputs: 2) {
      Dense(32, activation: activation)
      Dense(32, activation: activation)
      Dense(2, activation: .softmax)
    }
    let moons = DataSubset(allOf: try .synthetic(SyntheticData(.moons)))
    let history = try Self.trainer(network, Adam(learningRate: 0.01), mode: .steps(perEpoch: 32))
      .fit(moons, epochs: 30, batchSize: 32)
    #expect(history.epochs.last?.trainAccuracy ?? 0 > 0.97)
    #expect(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] } == [])
  }

  /// Full batches, whose steps are long and few.
  @Test("healthy steps of L-BFGS, Quickprop and Rprop are not called too large", arguments: 0..<3, 0..<3)
  func healthyFullBatches(data: Int, rule: Int) throws {
    let shape = [SyntheticData.Shape.moons, .spirals]
    let samples = data == 0 ? try Self.digits() : DataSubset(allOf: try .synthetic(SyntheticData(shape[data - 1])))
    let optimizer: any GradientOptimizer = [LBFGS(), Quickprop(), Rprop()][rule]
    for (widths, activation) in [([32, 32], ActivationFunction.relu), ([64], .tanh)] {
      let network = Network(
        inputs: samples.dataset.featureCount,
        layers: widths.map { .dense(Dense($0, activation: activation)) } + [
          .dense(Dense(data == 0 ? 10 : 2, activation: .softmax))
        ])
      let history = try Self.trainer(network, optimizer).fit(samples, epochs: 30, batchSize: samples.sampleCount)
      #expect(history.epochs[29].trainLoss < 0.9 * history.epochs[0].trainLoss)
      #expect(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] } == [], "\(network)")
    }
  }

  /// Behind many layers up to half of the units are silent whatever the weights.
  @Test("healthy deep rectifiers are not called dead", arguments: [(16, 6), (16, 10), (32, 10)])
  func healthyDepth(width: Int, depth: Int) throws {
    for shape in [SyntheticData.Shape.moons, .spirals] {
      let data = DataSubset(allOf: try .synthetic(SyntheticData(shape)))
      let network = Network(
        inputs: 2,
        layers: (0..<depth).map { _ in .dense(Dense(width, activation: .relu)) } + [
          .dense(Dense(2, activation: .softmax))
        ])
      let history = try Self.trainer(network, Adam(learningRate: 0.005), mode: .steps(perEpoch: 4))
        .fit(data, epochs: 25, batchSize: 32)
      #expect(history.epochs[24].trainAccuracy ?? 0 > 0.85)
      #expect(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] } == [], "\(shape)")
    }
  }

  private static let fashion = "/usr/share/datasets/fashion-mnist/train-"

  @Test(
    "healthy Fashion-MNIST is not called sick",
    .enabled(if: access(fashion + "images-idx3-ubyte.gz", R_OK) == 0, "dataset-fashion-mnist is not installed"))
  func healthyFashion() throws {
    let data = DataSubset(
      allOf: try .idx(
        images: Self.fashion + "images-idx3-ubyte.gz", labels: Self.fashion + "labels-idx1-ubyte.gz", classCount: 10))
    let network = Network(inputs: 784) {
      Dense(128, activation: .relu)
      Dense(64, activation: .relu)
      Dense(10, activation: .softmax)
    }
    let history = try Self.trainer(network).fit(data, epochs: 2, batchSize: 128)
    #expect(history.epochs.flatMap { $0.diagnosis?.verdicts ?? [] } == [])
    #expect(history.epochs[0].diagnosis?.sampledSteps == 8, "each 64th of 469, and the last")
  }

  // MARK: Illnesses

  @Test("a learning rate a hundred times too high kills rectifiers, which are named with their layer")
  func highLearningRate() throws {
    let history = try Self.trainer(Self.digitsNetwork, Adam(learningRate: 0.1), mode: .steps(perEpoch: 8))
      .fit(Self.digits(), epochs: 4, batchSize: 32)
    let verdicts = try #require(history.epochs[3].diagnosis?.verdicts)
    let verdict = try #require(verdicts.first { $0.kind == .deadUnits })
    #expect(verdict.layer == "layer 1 (dense 64 relu)")
    #expect(
      verdict.message.contains(
        " % of its ReLUs never fire, since epoch \(verdict.sinceEpoch); lower the learning rate"),
      "\(verdict.message)")
    #expect(verdict.sinceEpoch < 4)
  }

  @Test("steps larger than the weights are named")
  func largeUpdates() throws {
    let network = Network(inputs: 64) {
      Dense(32, activation: .tanh)
      Dense(10, activation: .softmax)
    }
    let history = try Self.trainer(network, Adam(learningRate: 0.2), mode: .steps(perEpoch: 10))
      .fit(Self.digits(), epochs: 1, batchSize: 600)
    let verdicts = try #require(history.epochs[0].diagnosis?.verdicts)
    let verdict = try #require(verdicts.first { $0.kind == .largeUpdates })
    #expect(verdict.message.hasPrefix("layer 1 (dense 32 tanh): a step changes its weights by "))
    #expect(verdict.message.hasSuffix(" % of their size; lower the learning rate (now 0.2)"))
  }

  @Test("large steps are named where the loss does not fall for them, and not where it does")
  func largeUpdatesThatHelp() throws {
    let network = Network(inputs: 64) { Dense(10, activation: .softmax) }
    func kinds(rate: Float) throws -> Set<DiagnosisVerdict.Kind> {
      Self.kinds(try Self.trainer(network, SGD(learningRate: rate)).fit(Self.digits(), epochs: 3, batchSize: 600))
    }
    #expect(try kinds(rate: 0.5) == [])
    #expect(try kinds(rate: 50).contains(.largeUpdates))
  }

  @Test("negative biases that no input overcomes are named, confirmed on every sample")
  func negativeBiases() throws {
    let trainer = try Self.trainer(Self.digitsNetwork)
    var parameters = trainer.stageParameters
    for unit in 0..<40 { parameters[0].bias[unit] = -100 }
    trainer.stageParameters = parameters
    let diagnosis = try #require(
      try trainer.fit(Self.digits(), epochs: 1, batchSize: 32).epochs[0].diagnosis)
    #expect(diagnosis.layers[0].deadUnits == 40)
    #expect(diagnosis.layers[0].deadUnitsAreConfirmed)
    #expect(
      diagnosis.verdicts.map(\.message) == [
        "layer 1 (dense 64 relu): 63 % of its ReLUs never fire; raise its biases (\(Self.meanBias(trainer)) on average), "
          + "lower the learning rate, use leaky_relu or He initialisation"
      ])
  }

  private static func meanBias(_ trainer: Trainer) -> Double {
    let bias = trainer.stageParameters[0].bias
    return (Double(bias.reduce(0, +) / Float(bias.count)) * 1e4).rounded() / 1e4
  }

  @Test("a rate so high that nothing is learned is told whatever the activation; at the healthy rate nothing is")
  func guessing() throws {
    for activation in [ActivationFunction.gelu(), .silu, .selu, .mish] {
      let network = Network(inputs: 64) {
        Dense(64, activation: activation)
        Dense(10, activation: .softmax)
      }
      func kinds(rate: Float) throws -> [DiagnosisVerdict] {
        let trainer = try Self.trainer(network, SGD(learningRate: rate))
        return try trainer.fit(Self.digits(), epochs: 5, batchSize: 32).epochs.flatMap { $0.diagnosis?.verdicts ?? [] }
      }
      let sick = try kinds(rate: 30)
      #expect(!sick.isEmpty, "\(activation)")
      #expect(try kinds(rate: 0.05) == [], "\(activation)")
      if let guess = sick.first(where: { $0.kind == .noBetterThanGuessing }) {
        #expect(guess.message.contains("no better than guessing (2.3026); try another learning rate"), "\(guess)")
      }
    }
    // Labels that say nothing of the features cannot be learned by small steps.
    let trainer = try Self.trainer(Self.digitsNetwork, SGD(learningRate: 0))
    let last = try #require(try trainer.fit(Self.digits(), epochs: 3, batchSize: 32).epochs.last?.diagnosis)
    #expect(last.verdicts.map(\.kind) == [.noBetterThanGuessing])
    #expect(last.verdicts[0].message.hasSuffix("the learning rate is 0, so nothing can be learned: set one above 0"))
  }

  @Test("a unit that one row of thousands makes fire is not called dead")
  func rareUnits() throws {
    // Ten of 32 units wait for a feature that the very last rows alone have.
    let count = 6_000
    var random = PhiloxStream(seed: 2, stream: 2)
    var features = random.uniform(count: count * 3, reach: 1)
    for row in 0..<count { features[3 * row + 2] = row == count - 7 ? 1 : 0 }
    let data = try Dataset(features: features, featureCount: 3, labels: (0..<count).map { $0 % 2 })
    let network = Network(inputs: 3) {
      Dense(32, activation: .relu)
      Dense(2, activation: .softmax)
    }
    func diagnosis(dropsRow: Bool) throws -> EpochDiagnosis {
      let trainer = try Self.trainer(network, SGD(learningRate: 0), normalization: .none)
      trainer.epochOrder = .sequential
      var parameters = trainer.stageParameters
      for unit in 0..<32 {
        parameters[0].weights[3 * unit + 2] = unit < 20 ? 10 : 0
        parameters[0].bias[unit] = unit < 20 ? -5 : 5
      }
      trainer.stageParameters = parameters
      let rows = (0..<UInt32(count)).filter { !dropsRow || $0 != UInt32(count - 7) }
      // The row is in none of the sampled steps: of so small a network that is the last.
      let history = try trainer.fit(try DataSubset(data, rows: rows), epochs: 1, batchSize: 5)
      return try #require(history.epochs[0].diagnosis)
    }
    #expect(try diagnosis(dropsRow: false).verdicts == [])
    #expect(try diagnosis(dropsRow: true).verdicts.map(\.kind) == [.deadUnits])
  }

  @Test("twenty sigmoid layers let the gradient vanish")
  func deepSigmoids() throws {
    let network = Network(
      inputs: 64,
      layers: (0..<20).map { _ in .dense(Dense(32, activation: .sigmoid)) } + [.dense(Dense(10, activation: .softmax))])
    let history = try Self.trainer(network).fit(Self.digits(), epochs: 2, batchSize: 32)
    let verdicts = try #require(history.epochs.first?.diagnosis?.verdicts)
    #expect(verdicts.map(\.kind) == [.vanishingGradients])
    #expect(verdicts[0].layer == "layer 1 (dense 32 sigmoid)")
    #expect(verdicts[0].message.contains("in place of sigmoid"))
  }

  @Test("large weights through many linear layers let the gradient explode")
  func explodingGradient() throws {
    let network = Network(
      inputs: 64, layers: (0..<10).map { _ in .dense(Dense(32)) } + [.dense(Dense(10, activation: .softmax))])
    let trainer = try Self.trainer(network, SGD(learningRate: 0))
    trainer.stageParameters = trainer.stageParameters.map {
      StageParameters(weights: $0.weights.map { 6 * $0 }, bias: $0.bias)
    }
    let history = try trainer.fit(Self.digits(), epochs: 1, batchSize: 32)
    #expect(Self.kinds(history) == [.explodingGradients])
  }

  @Test("tanh units at their limits are named", arguments: [ActivationFunction.tanh, .sigmoid, .hardTanh])
  func saturation(activation: ActivationFunction) throws {
    let network = Network(inputs: 64) {
      Dense(32, activation: activation)
      Dense(10, activation: .softmax)
    }
    let trainer = try Self.trainer(network)
    var parameters = trainer.stageParameters
    for unit in 0..<20 { parameters[0].bias[unit] = 30 }
    trainer.stageParameters = parameters
    let history = try trainer.fit(Self.digits(), epochs: 1, batchSize: 32)
    let diagnosis = try #require(history.epochs[0].diagnosis)
    #expect(diagnosis.layers[0].saturatedUnits ?? 0 >= 20)
    #expect(diagnosis.verdicts.map(\.kind) == [.saturation])
    #expect(
      diagnosis.verdicts[0].message.contains(" % of its \(activation.name) units are saturated for nearly every sample")
    )
  }

  // MARK: Promises

  @Test("weights have the same bits whether it is on or off", arguments: 0..<12)
  func sameBits(number: Int) throws {
    let reduction: GradientReduction = number % 2 == 0 ? .ownerComputes : .segmented
    let precision: Precision = number % 3 == 0 ? .bf16Emulated : .f32
    let runtime = RuntimeSettings(
      workers: .exactly(1 + number % 3), pinsWorkers: false, reduction: reduction,
      lanes: reduction == .segmented ? .exactly(2) : .automatic, precision: precision)
    func digest(_ mode: DiagnosisMode) throws -> String {
      let trainer = try Self.trainer(Self.digitsNetwork, runtime: runtime, mode: mode)
      // Biases that set off the search for dead units as well.
      var parameters = trainer.stageParameters
      for unit in 0..<40 { parameters[0].bias[unit] = -100 }
      trainer.stageParameters = parameters
      let history = try trainer.fit(Self.digits(), epochs: 2, batchSize: 64)
      #expect((history.epochs[0].diagnosis == nil) == (mode == .off))
      return trainer.weightsSHA256()
    }
    let off = try digest(.off)
    #expect(try digest(.sampled) == off)
    #expect(try digest(.steps(perEpoch: 100)) == off)
  }

  @Test("the figures are the same for any number of workers", arguments: [Precision.f32, .bf16Emulated])
  func sameFigures(precision: Precision) throws {
    func diagnoses(_ workers: Int) throws -> [EpochDiagnosis?] {
      let trainer = try Self.trainer(
        Self.digitsNetwork, Adam(learningRate: 0.1),
        runtime: RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, precision: precision),
        mode: .steps(perEpoch: 7))
      return try trainer.fit(Self.digits(), epochs: 3, batchSize: 300).epochs.map(\.diagnosis)
    }
    let one = try diagnoses(1)
    #expect(one.compactMap { $0 }.count == 3)
    for workers in [2, 3, 7] { #expect(try diagnoses(workers) == one) }
  }

  @Test("short steps are looked at rarely, but at the end of the first and the last epoch; long ones each 64th time")
  func sampledSteps() throws {
    let samples = try SmallProblem.samples()
    let small = try SmallProblem.trainer().fit(samples, epochs: 5, batchSize: 10)
    #expect(small.epochs.map { $0.diagnosis?.sampledSteps } == [1, nil, nil, nil, 1])
    // A thousand steps of it are worth a look.
    let long = try SmallProblem.trainer().fit(
      DataSubset(allOf: try SmallProblem.dataset(sampleCount: 4_000)), epochs: 1, batchSize: 1)
    let looks = try #require(long.epochs[0].diagnosis?.sampledSteps)
    #expect((3...6).contains(looks), "\(looks)")
    let wide = Network(inputs: 5) {
      Dense(1024, activation: .tanh)
      Dense(1024, activation: .tanh)
      Dense(3, activation: .softmax)
    }
    let steps = DataSubset(allOf: try SmallProblem.dataset(sampleCount: 130 * 32))
    let history = try Self.trainer(wide, SGD()).fit(steps, epochs: 1, batchSize: 32)
    #expect(history.epochs[0].diagnosis?.sampledSteps == 3, "steps 64 and 128, and the last")
  }

  @Test("where steps never end together, nothing is diagnosed")
  func hogwild() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
      runtime: RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild))
    #expect(try trainer.fit(SmallProblem.samples(), epochs: 1).epochs[0].diagnosis == nil)
  }

  @Test(
    "workers allocate nothing for it", .enabled(if: AllocationAccount.isAvailable, "a sanitizer has its own allocator"),
    arguments: [1, 2])
  func allocations(workers: Int) throws {
    func count(steps: Int, mode: DiagnosisMode) throws -> Int {
      let network = Network(inputs: 5) {
        Dense(16, activation: .preLU())
        Activation(.tanh)
        Dense(3, activation: .softmax)
      }
      let trainer = try Self.trainer(network, normalization: .none, runtime: .unpinned(workers), mode: mode)
      let samples = DataSubset(allOf: try SmallProblem.dataset(sampleCount: steps * 2))
      _ = try trainer.fit(samples, epochs: 1, batchSize: 2)
      let account = AllocationAccount()
      let history = try account.watchingWorkers(of: trainer) { try trainer.fit(samples, epochs: 1, batchSize: 2) }
      #expect(history.epochs[0].diagnosis?.sampledSteps == (mode == .off ? nil : steps))
      return account.callCount
    }
    for steps in [30, 300] {
      let off = try count(steps: steps, mode: .off), on = try count(steps: steps, mode: .steps(perEpoch: steps))
      #expect(on == off, "\(steps) steps")
    }
  }
}
