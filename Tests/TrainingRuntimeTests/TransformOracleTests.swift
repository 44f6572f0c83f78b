import Fascicle
import Testing

/// A transform around the updates of an optimizer, as the oracle's rows name it.
struct TransformCase: Sendable, CustomTestStringConvertible {
  let label: String
  var optimizer: any GradientOptimizer = SGD(learningRate: 0.1)
  var clipping = GradientClipping.none
  var transforms = UpdateTransforms()

  var testDescription: String { label }

  /// The same optimizer, to tell a transform from none; another one where the optimizer is all there is.
  var optimizerAlone: any GradientOptimizer {
    clipping == .none && transforms == UpdateTransforms() ? SGD(learningRate: 0.1) : optimizer
  }

  static let all: [TransformCase] = [
    TransformCase(label: "value", clipping: .value(0.02)),
    TransformCase(label: "tensor norm", clipping: .tensorNorm(0.05)),
    TransformCase(label: "global norm", clipping: .globalNorm(0.05)),
    TransformCase(label: "adaptive", clipping: .adaptive(0.15)),
    TransformCase(
      label: "decay of weights alone", optimizer: AdamW(learningRate: 0.02, weightDecay: 0.5),
      transforms: UpdateTransforms(decayed: .weights)),
    TransformCase(
      label: "exponential average", transforms: UpdateTransforms(averaging: .exponential(decay: 0.9))),
    TransformCase(
      label: "stochastic average", transforms: UpdateTransforms(averaging: .stochastic(firstEpoch: 6))),
    TransformCase(label: "lookahead", transforms: UpdateTransforms(lookahead: Lookahead(steps: 3))),
    TransformCase(label: "LAMB", optimizer: LAMB(learningRate: 0.02)),
    TransformCase(
      label: "LAMB, decay of weights, global norm",
      optimizer: LAMB(learningRate: 0.02, beta1: 0.8, beta2: 0.99, epsilon: 1e-4, weightDecay: 0.3),
      clipping: .globalNorm(0.05), transforms: UpdateTransforms(decayed: .weights)),
    TransformCase(label: "LARS", optimizer: LARS(trust: 0.02)),
    TransformCase(
      label: "LARS, decay", optimizer: LARS(learningRate: 2, momentum: 0.8, trust: 0.01, weightDecay: 0.1)),
    TransformCase(label: "Adafactor of PyTorch", optimizer: Adafactor(learningRate: 0.1)),
    TransformCase(
      label: "Adafactor of PyTorch, decay, threshold",
      optimizer: Adafactor(
        learningRate: 0.25, decayExponent: 0.6, clipThreshold: 1.5, smallestScale: 0.1, weightDecay: 0.1)),
    TransformCase(
      label: "Adafactor of optax",
      optimizer: Adafactor(learningRate: 0.1, decayExponent: 0.7, clipThreshold: 0.8, relativeStep: false)),
    TransformCase(
      label: "Adafactor of optax, plain scale",
      optimizer: Adafactor(learningRate: 0.05, relativeStep: false, scalesByParameters: false)),
    TransformCase(
      label: "Adafactor of optax, large epsilon",
      optimizer: Adafactor(learningRate: 0.1, epsilon: 1e-4, relativeStep: false)),
    TransformCase(
      label: "Adafactor of optax, not factored",
      optimizer: Adafactor(learningRate: 0.1, relativeStep: false, smallestFactoredSide: 4)),
  ]

  /// The stages to evaluate after the oracle's twenty steps, each a call of `fit` and so an epoch.
  func evaluatedStages(runtime: RuntimeSettings = .unpinned(2)) throws -> (stages: [StageParameters], digest: String) {
    let problem = try #require(OracleFile.trajectories.networks[OracleFile.transforms.network])
    let trainer = try Trainer(
      problem.layers.network, loss: try #require(Loss.named(problem.loss)), optimizer: optimizer,
      clipping: clipping, transforms: transforms, normalization: .none, runtime: runtime)
    trainer.epochOrder = .sequential
    trainer.stageParameters = problem.parameters.map(\.stageParameters)
    for minibatch in try problem.minibatches {
      _ = try trainer.fit(minibatch, epochs: 1, batchSize: problem.batch)
    }
    return (try trainer.model().stageParameters, trainer.weightsSHA256())
  }

  static func departure(_ stages: [StageParameters], from expected: [OracleFile.LayerParameters]) -> Double {
    Departure.worst(zip(stages, expected).map { stage, layer in layer.departure(of: stage) })
  }
}

@Suite("Transforms beside PyTorch's and optax'")
struct TransformOracleTests {
  static let bound = 1e-5

  @Test("every transform ends where the other framework does", arguments: TransformCase.all)
  func followsTheOracle(transform: TransformCase) throws {
    let expected = try #require(OracleFile.transforms.rows[transform.label])
    let found = try transform.evaluatedStages().stages
    let departure = TransformCase.departure(found, from: expected)
    #expect(found.count == expected.count)
    #expect(departure < Self.bound, "\(transform.label)")
    print("\(transform.label): \(Departure.text(departure))")
  }

  @Test("no row passes for another, nor for none", arguments: TransformCase.all)
  func brokenRowsFail(transform: TransformCase) throws {
    let found = try transform.evaluatedStages().stages
    for (label, wrong) in OracleFile.transforms.rows where label != transform.label {
      #expect(TransformCase.departure(found, from: wrong) > Self.bound, "\(transform.label) passes for \(label)")
    }
    let plain = try TransformCase(label: "none", optimizer: transform.optimizerAlone).evaluatedStages().stages
    let expected = try #require(OracleFile.transforms.rows[transform.label])
    #expect(TransformCase.departure(plain, from: expected) > Self.bound, "nothing passes for \(transform.label)")
  }

  @Test("the same bits for any number of workers", arguments: TransformCase.all)
  func sameBits(transform: TransformCase) throws {
    let expected = try transform.evaluatedStages(runtime: .unpinned(1)).digest
    for workers in [2, 3, 5, 8] {
      #expect(try transform.evaluatedStages(runtime: .unpinned(workers)).digest == expected, "\(workers) workers")
    }
    let lanes = { (workers: Int) in
      RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, reduction: .segmented, lanes: .exactly(2))
    }
    let expectedOfLanes = try transform.evaluatedStages(runtime: lanes(1)).digest
    for workers in [2, 3] {
      #expect(try transform.evaluatedStages(runtime: lanes(workers)).digest == expectedOfLanes, "\(workers), lanes")
    }
  }

  @Test("the table is complete")
  func isComplete() {
    #expect(Set(TransformCase.all.map(\.label)) == Set(OracleFile.transforms.rows.keys))
  }
}
