import Fascicle
import Testing

/// A network of the oracle's rows as the package writes it.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let label: String
  let layers: [Layer]
  /// Whether products may multiply bfloat16 here.
  var runsInBFloat16 = true
  /// Whether updates may race.
  var runsWithoutWaiting = true

  init(
    _ label: String, runsInBFloat16: Bool = true, runsWithoutWaiting: Bool = true,
    @LayerBuilder layers: () -> [Layer]
  ) {
    self.label = label
    self.layers = layers()
    self.runsInBFloat16 = runsInBFloat16
    self.runsWithoutWaiting = runsWithoutWaiting
  }

  var testDescription: String { label }

  private static let l1: Float = 0.02
  private static let l2: Float = 0.05
  private static let elastic = Regularizer(l1: l1, l2: l2)

  static let options: [LayerCase] = [
    LayerCase("plain") {
      Dense(35, activation: .tanh)
      Dense(3)
    },
    LayerCase("l1 and l2 of weights") {
      Dense(35, activation: .tanh, learning: LayerLearning(weights: elastic))
      Dense(3, learning: LayerLearning(weights: .l2(l2)))
    },
    LayerCase("l1 and l2 of biases") {
      Dense(35, activation: .tanh, learning: LayerLearning(biases: elastic))
      Dense(3)
    },
    LayerCase("l1 and l2 of slopes") {
      Dense(35, activation: .preLU(), learning: LayerLearning(slopes: elastic))
      Dense(3)
    },
    LayerCase("l1 and l2 of outputs") {
      Dense(35, activation: .tanh, learning: LayerLearning(outputs: elastic))
      Dense(3, learning: LayerLearning(outputs: elastic))
    },
    LayerCase("outputs below softmax") {
      Dense(35, activation: .sigmoid, learning: LayerLearning(outputs: elastic))
      Dense(4, activation: .softmax)
    },
    LayerCase("penalties under a clipped norm") {
      Dense(35, activation: .tanh, learning: LayerLearning(weights: elastic))
      Dense(3)
    },
    LayerCase("max norm") {
      Dense(35, activation: .tanh, learning: LayerLearning(constraint: .maxNorm(limit: 0.75)))
      Dense(3)
    },
    LayerCase("unit norm") {
      Dense(35, activation: .tanh, learning: LayerLearning(constraint: .unitNorm))
      Dense(3)
    },
    LayerCase("non-negative") {
      Dense(35, activation: .tanh, learning: LayerLearning(constraint: .nonNegative))
      Dense(3)
    },
    LayerCase("frozen below") {
      Dense(35, activation: .tanh, learning: LayerLearning(isFrozen: true))
      Dense(3)
    },
    LayerCase("frozen between") {
      Dense(9, activation: .tanh)
      Dense(35, activation: .tanh, learning: LayerLearning(isFrozen: true))
      Dense(3)
    },
    LayerCase("own rate") {
      Dense(35, activation: .tanh, learning: LayerLearning(rateFactor: 0.25))
      Dense(3)
    },
    LayerCase("orthogonal", runsWithoutWaiting: false) {
      Dense(35, activation: .tanh, learning: LayerLearning(orthogonal: 0.01))
      Dense(3)
    },
  ]

  static let layers: [LayerCase] = [
    LayerCase("layer norm") {
      Dense(37)
      LayerNorm()
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("layer norm first") {
      LayerNorm()
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("layer norm last") {
      Dense(9, activation: .tanh)
      Dense(35)
      LayerNorm()
    },
    LayerCase("layer norm of a softmax") {
      Dense(37, activation: .tanh)
      LayerNorm()
      Dense(4, activation: .softmax)
    },
    LayerCase("rms norm") {
      Dense(37, activation: .tanh)
      RMSNorm()
      Dense(3)
    },
    LayerCase("glu") {
      Dense(34)
      GatedLinear()
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("glu behind tanh") {
      Dense(34, activation: .tanh)
      GatedLinear()
      Dense(3)
    },
    LayerCase("residual") {
      Dense(33, activation: .tanh)
      Residual {
        Dense(9, activation: .tanh)
        Dense(33, activation: .sigmoid)
      }
      Dense(3)
    },
    LayerCase("residual from the input", runsInBFloat16: false) {
      Residual {
        Dense(9, activation: .tanh)
        Dense(6, activation: .tanh)
      }
      Dense(3)
    },
    LayerCase("residual in a residual") {
      Dense(17, activation: .tanh)
      Residual {
        Dense(33, activation: .tanh)
        Residual {
          LayerNorm()
          Dense(33, activation: .tanh)
        }
        Dense(17)
      }
      Dense(3)
    },
    LayerCase("residual before a norm") {
      Dense(17, activation: .tanh)
      Residual {
        LayerNorm()
        Dense(17, activation: .sigmoid)
      }
      LayerNorm()
      Dense(3)
    },
    LayerCase("dropout") {
      Dense(37, activation: .tanh)
      Dropout(0.25)
      Dense(3)
    },
    LayerCase("dropout of inputs") {
      Dropout(0.25)
      Dense(37, activation: .tanh)
      Dense(3)
    },
    LayerCase("alpha dropout") {
      Dense(37, activation: .selu)
      AlphaDropout(0.125)
      Dense(3)
    },
    LayerCase("gaussian noise") {
      Dense(37, activation: .tanh)
      GaussianNoise(0.5)
      Dense(3)
    },
  ]

  static let all = options + layers + batchNorms + embeddings
}

/// The numbers of `Oracle/layers.json`; `Oracle/README.md` describes it.
enum LayerOracle {
  static let file: File = OracleFile.decoded("layers")
  /// Rows of the same form whose minibatches the other file has.
  static let batchNorm: File = OracleFile.decoded("batch_norm")
  /// Rows of the same form with minibatches of their own.
  static let embedding: File = OracleFile.decoded("embedding")

  struct File: Decodable, Sendable {
    let cases: [Case]
    let broken: Case
    let data: [String: [OracleFile.Samples]]

    subscript(label: String) -> Case? {
      (cases + LayerOracle.batchNorm.cases + LayerOracle.embedding.cases).first { $0.name == label }
    }
  }

  struct Case: Decodable, Sendable {
    let name: String
    let inputs: Int
    let loss: String
    let batch: Int
    let rate: Float
    let clip: Float
    let seed: UInt64
    let parameters: [OracleFile.LayerParameters]
    let data: String
    let gradients: [OracleFile.LayerParameters]
    let losses: [Double]
    let final: [OracleFile.LayerParameters]
    /// The first minibatch's loss after the steps, where answers differ from what training sees.
    let evaluation: Double?
  }
}

extension LayerOracle.Case {
  /// The minibatches of the steps.
  var batches: [OracleFile.Samples] { LayerOracle.file.data[data] ?? LayerOracle.embedding.data[data] ?? [] }

  private func trainer(
    _ layers: LayerCase, _ optimizer: any GradientOptimizer, _ runtime: RuntimeSettings, kernels: KernelSet,
    clipping: GradientClipping = .none
  ) throws -> Trainer {
    let trainer = try Trainer(
      Network(inputs: inputs, layers: layers.layers), loss: try #require(Loss.named(loss)), optimizer: optimizer,
      clipping: clipping, normalization: .none, seed: seed, runtime: runtime, kernels: kernels)
    trainer.epochOrder = .sequential
    trainer.stageParameters = parameters.map(\.stageParameters)
    return trainer
  }

  private func dataset(_ samples: OracleFile.Samples, outputs: Int) throws -> DataSubset {
    if let labels = samples.labels {
      return DataSubset(
        allOf: try Dataset(features: samples.inputs, featureCount: inputs, labels: labels, classCount: outputs))
    }
    return DataSubset(
      allOf: try Dataset(
        features: samples.inputs, featureCount: inputs, targets: samples.targets ?? [], targetCount: outputs))
  }

  /// How far the first minibatch's gradients are from the oracle's; those of frozen layers are not formed.
  func gradientDeparture(_ layers: LayerCase, kernels: KernelSet) throws -> Double {
    let network = Network(inputs: inputs, layers: layers.layers)
    let frozen = layers.layers.map { layer in
      switch layer {
      case .dense(let dense): dense.learning.isFrozen
      case .embedding(let embedding): embedding.isFrozen
      default: false
      }
    }
    // After a step of the recorder the parameters are the gradients, but for a constraint or a rate that bends them.
    let trainer = try trainer(layers, GradientRecorder(), .unpinned(2), kernels: kernels)
    _ = try trainer.fit(dataset(batches[0], outputs: network.outputs), epochs: 1, batchSize: batch)
    let found = trainer.stageParameters
    return Departure.worst(
      found.indices.map { index in
        frozen.contains(true) && frozen[index] ? 0 : gradients[index].departure(of: found[index])
      })
  }

  /// What ten steps leave behind: losses, parameters, the digest, and the answers of the model.
  func outcome(
    _ layers: LayerCase, _ runtime: RuntimeSettings, kernels: KernelSet
  ) throws -> (losses: [Double], stages: [StageParameters], digest: String, evaluation: Evaluation) {
    let outputs = Network(inputs: inputs, layers: layers.layers).outputs
    let trainer = try trainer(
      layers, SGD(learningRate: rate), runtime, kernels: kernels, clipping: clip > 0 ? .globalNorm(clip) : .none)
    var losses: [Double] = []
    for minibatch in batches {
      let history = try trainer.fit(dataset(minibatch, outputs: outputs), epochs: 1, batchSize: batch)
      losses.append(history.epochs[0].trainLoss)
    }
    return (
      losses, trainer.stageParameters, trainer.weightsSHA256(),
      try trainer.evaluate(dataset(batches[0], outputs: outputs))
    )
  }

  func trajectoryDeparture(_ layers: LayerCase, _ runtime: RuntimeSettings, kernels: KernelSet) throws -> Double {
    let outcome = try outcome(layers, runtime, kernels: kernels)
    return Departure.worst(
      [Departure.of(outcome.losses, from: losses)] + zip(outcome.stages, final).map { $1.departure(of: $0) })
  }
}

@Suite("Layers and their options beside PyTorch")
struct LayerOracleTests {
  /// Of the largest element of each tensor; the numbers beside are double precision.
  static let gradientBound = 1e-5
  static let trajectoryBound = 3e-5

  /// Where the recorder's step is bent by the option itself, ten steps must do.
  static let withPlainGradients = LayerCase.all.filter { layerCase in
    !layerCase.layers.contains {
      guard case .dense(let dense) = $0 else { return false }
      return dense.learning.constraint != .none
    }
  }

  @Test("gradients are PyTorch's", arguments: withPlainGradients, InstructionSet.runnable)
  func gradients(layers: LayerCase, set: InstructionSet) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    let departure = try oracle.gradientDeparture(layers, kernels: KernelSet(set))
    print("\(layers.label), \(set): gradients \(Departure.text(departure)) from PyTorch's")
    #expect(departure < Self.gradientBound)
  }

  @Test("ten steps of training are PyTorch's", arguments: LayerCase.all)
  func trajectories(layers: LayerCase) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    let departure = try oracle.trajectoryDeparture(layers, .unpinned(2), kernels: .selected())
    print("\(layers.label): ten steps \(Departure.text(departure)) from PyTorch's")
    #expect(departure < Self.trajectoryBound)
  }

  @Test("a row that is broken on purpose is refused")
  func brokenRow() throws {
    let broken = LayerOracle.file.broken, layers = try #require(LayerCase.all.first { $0.label == broken.name })
    #expect(try broken.gradientDeparture(layers, kernels: .selected()) > Self.gradientBound)
    #expect(try broken.trajectoryDeparture(layers, .unpinned(1), kernels: .selected()) > Self.trajectoryBound)
  }

  @Test("no option passes for none", arguments: LayerCase.options.filter { $0.label != "plain" })
  func optionsTell(layers: LayerCase) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    let bare = LayerCase(layers.label) {
      for layer in layers.layers {
        if case .dense(let dense) = layer { Dense(dense.units, activation: dense.activation) }
      }
    }
    #expect(try oracle.trajectoryDeparture(bare, .unpinned(1), kernels: .selected()) > Self.trajectoryBound)
  }

  @Test("the table is complete")
  func isComplete() {
    #expect(
      LayerCase.all.map(\.label)
        == (LayerOracle.file.cases + LayerOracle.batchNorm.cases + LayerOracle.embedding.cases).map(\.name))
  }
}

@Suite("Layers and their options in whole runs")
struct LayerRunTests {
  private func outcome(
    _ layers: LayerCase, _ runtime: RuntimeSettings, kernels: KernelSet? = nil
  ) throws -> String {
    let oracle = try #require(LayerOracle.file[layers.label])
    let outcome = try oracle.outcome(layers, runtime, kernels: kernels ?? .selected())
    return "\(outcome.digest) \(outcome.losses) \(outcome.evaluation)"
  }

  @Test("the same bits for any number of workers, unit shares and instruction set", arguments: LayerCase.all)
  func sameBits(layers: LayerCase) throws {
    let expected = try outcome(layers, .unpinned(1))
    for workers in [2, 3, 7] { #expect(try outcome(layers, .unpinned(workers)) == expected, "\(workers) workers") }
    var shared = RuntimeSettings.unpinned(4)
    shared.phaseASplit = .units(groupSize: 4)
    #expect(try outcome(layers, shared) == expected, "units shared")
    for set in InstructionSet.runnable {
      #expect(try outcome(layers, .unpinned(2), kernels: KernelSet(set)) == expected, "\(set)")
    }
    #expect(try outcome(layers, .lanes(1, workers: 2)) == expected, "one lane")
  }

  @Test("the same bits for any number of workers with two lanes", arguments: LayerCase.all)
  func lanes(layers: LayerCase) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    let expected = try outcome(layers, .lanes(2, workers: 1))
    #expect(try outcome(layers, .lanes(2, workers: 3)) == expected)
    #expect(
      try oracle.trajectoryDeparture(layers, .lanes(2, workers: 2), kernels: .selected())
        < LayerOracleTests.trajectoryBound)
  }

  @Test("the same bits for any number of workers with bfloat16 operands", arguments: LayerCase.all)
  func bfloat16(layers: LayerCase) throws {
    func halved(_ workers: Int) -> RuntimeSettings {
      RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, precision: .bf16Emulated)
    }
    guard layers.runsInBFloat16 else {
      #expect(throws: PerceptronModelError.self) { try outcome(layers, halved(1)) }
      return
    }
    let expected = try outcome(layers, halved(1))
    #expect(try outcome(layers, halved(3)) == expected)
    let oracle = try #require(LayerOracle.file[layers.label])
    let departure = try oracle.trajectoryDeparture(layers, halved(2), kernels: .selected())
    print("\(layers.label): ten steps in bf16 \(Departure.text(departure)) from PyTorch's")
    #expect(departure < 0.05)
  }

  @Test("one worker without waiting takes the same steps", arguments: LayerCase.all)
  func hogwild(layers: LayerCase) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    let runtime = RuntimeSettings(workers: .exactly(1), pinsWorkers: false, reduction: .hogwild)
    guard layers.runsWithoutWaiting else {
      #expect(throws: TrainingRuntimeError.self) {
        try oracle.trajectoryDeparture(layers, runtime, kernels: .selected())
      }
      return
    }
    #expect(
      try oracle.trajectoryDeparture(layers, runtime, kernels: .selected()) < LayerOracleTests.trajectoryBound)
  }

  @Test("a predictor gives the trainer's answers, rows and panels alike", arguments: LayerCase.all)
  func predictors(layers: LayerCase) throws {
    let oracle = try #require(LayerOracle.file[layers.label])
    let network = Network(inputs: oracle.inputs, layers: layers.layers)
    let trainer = try Trainer(
      network, loss: try #require(Loss.named(oracle.loss)), optimizer: SGD(learningRate: 0.1), normalization: .none,
      seed: 5, runtime: .unpinned(2))
    let features = Array(oracle.batches.flatMap(\.inputs))
    let labels = oracle.batches.flatMap { $0.labels ?? [] }, targets = oracle.batches.flatMap { $0.targets ?? [] }
    let data = DataSubset(
      allOf: labels.isEmpty
        ? try Dataset(
          features: features, featureCount: oracle.inputs, targets: targets, targetCount: network.outputs)
        : try Dataset(
          features: features, featureCount: oracle.inputs, labels: labels, classCount: network.outputs))
    _ = try trainer.fit(data, epochs: 2, batchSize: 50)
    let predictor = try trainer.predictor()
    #expect(try predictor.evaluate(data) == trainer.evaluate(data))
    let many = try predictor.predict(features)
    for first in [0, 7] {
      for count in [1, 5, 16] {
        let few = try predictor.predict(Array(features[first * oracle.inputs..<(first + count) * oracle.inputs]))
        #expect(
          few.map(\.bitPattern)
            == many[first * network.outputs..<(first + count) * network.outputs].map(\.bitPattern))
      }
    }
    let model = try trainer.model()
    #expect(
      try NetworkProgram(model.network, loss: model.loss).stages == NetworkProgram(network, loss: model.loss).stages)
  }
}
