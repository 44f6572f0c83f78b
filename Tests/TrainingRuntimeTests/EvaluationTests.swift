import Fascicle
import Testing

@Suite("Evaluation")
struct EvaluationTests {
  static let networks: [(Network, Loss)] = [
    (SmallProblem.network, .categoricalCrossEntropy),
    (
      Network(inputs: 5) {
        Dense(40, activation: .step())
        Dense(3, activation: .softmax)
      }, .categoricalCrossEntropy
    ),
    (
      Network(inputs: 5) {
        Activation(.preLU())
        Dense(33)
        Activation(.sigmoid)
        Activation(.softmax)
        Dense(3)
      },
      .meanSquaredError
    ),
    (
      Network(inputs: 5) {
        Dense(7, activation: .relu)
        Dense(4, usesBias: false)
        Activation(.tanh)
      }, .meanSquaredError
    ),
  ]

  @Test("loss and hits are those of a plain forward pass", arguments: networks.indices, [1, 31, 32, 33, 129, 700])
  func agreesWithPlainForwardPass(index: Int, sampleCount: Int) throws {
    let (network, loss) = Self.networks[index]
    var random = PhiloxStream(seed: UInt64(sampleCount), stream: 9)
    let samples = GradientSamples(
      features: random.uniform(count: sampleCount * 5, reach: 2),
      labels: (0..<sampleCount).map { _ in random.integer(in: 0...2) }, targets: nil)
    let trainer = try Trainer(
      network, loss: loss, optimizer: SGD(), normalization: .none, seed: 8, runtime: .unpinned(1 + sampleCount % 4))
    let plain = DoubleNetwork(network, loss: loss, parameters: trainer.stageParameters, samples: samples)
    let evaluation = try trainer.evaluate(DataSubset(allOf: samples.dataset(network)))

    #expect(abs(evaluation.loss - plain.meanLoss) < 1e-6 * plain.meanLoss)
    #expect(evaluation.accuracy == Double(plain.correctCount) / Double(sampleCount))
    #expect(evaluation.sampleCount == sampleCount)
  }

  @Test("the same bits for any number of workers", arguments: [1, 33, 700])
  func sameBits(sampleCount: Int) throws {
    let samples = try SmallProblem.samples(sampleCount)
    let evaluations = try [1, 2, 3, 5, 8].map { try SmallProblem.trainer(workers: $0).evaluate(samples) }
    #expect(Set(evaluations).count == 1)
  }

  @Test("a regression has a loss and no accuracy")
  func regression() throws {
    let data = try Dataset(features: [1, 2, 3] as [Float], featureCount: 1, targets: [2, 4, 7], targetCount: 1)
    let trainer = try Trainer(
      Network(inputs: 1) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(), normalization: .none,
      runtime: .unpinned(2))
    trainer.stageParameters = [StageParameters(weights: [2], bias: [0])]
    let evaluation = try trainer.evaluate(DataSubset(allOf: data))
    #expect(abs(evaluation.loss - 1.0 / 3) < 1e-7)
    #expect(evaluation.accuracy == nil)
    let history = try trainer.fit(DataSubset(allOf: data), epochs: 1)
    #expect(history.epochs[0].trainAccuracy == nil)
  }

  @Test("scales as the training samples were scaled")
  func usesTheTrainingTransform() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0), seed: 3,
      runtime: .unpinned(1))
    let training = try SmallProblem.samples()
    let shifted = try Dataset(
      features: (0..<500).map { 40 + Float($0 % 7) }, featureCount: 5, labels: (0..<100).map { $0 % 3 }, classCount: 3)
    let before = try trainer.evaluate(DataSubset(allOf: shifted))
    #expect(trainer.transform == nil)
    _ = try trainer.fit(training, epochs: 1)
    #expect(trainer.transform == (try training.transform(for: .standardize)))
    let after = try trainer.evaluate(DataSubset(allOf: shifted))
    #expect(before.loss != after.loss)
  }

  @Test("the scaling is measured on the samples that are trained on, not on those held out, and stays")
  func transformOfTheTrainingPart() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), normalization: .standardizeFeatures,
      seed: 3, runtime: .unpinned(1))
    let samples = try SmallProblem.samples()
    let parts = try samples.split(validationFraction: 0.3, seed: 3)
    _ = try trainer.fit(samples, epochs: 1, validation: .fraction(0.3))
    #expect(trainer.transform == (try parts.training.transform(for: .standardizeFeatures)))
    #expect(trainer.transform != (try samples.transform(for: .standardizeFeatures)))
    let measured = trainer.transform
    _ = try trainer.fit(parts.validation, epochs: 1)
    #expect(trainer.transform == measured)
  }

  @Test(
    "with a rate of zero, an epoch's training loss and accuracy are those of an evaluation", arguments: [1, 7, 32, 100])
  func trainingLossIsTheMean(batchSize: Int) throws {
    let trainer = try SmallProblem.trainer(SGD(learningRate: 0))
    let samples = try SmallProblem.samples()
    let evaluation = try trainer.evaluate(samples)
    let report = try trainer.fit(samples, epochs: 1, batchSize: batchSize).epochs[0]
    #expect(abs(report.trainLoss - evaluation.loss) < 1e-6 * evaluation.loss)
    #expect(report.trainAccuracy == evaluation.accuracy)
  }

  @Test("a fraction holds out the rows of the seed's split and never trains on them")
  func validationFraction() throws {
    let samples = try SmallProblem.samples()
    let byFraction = try SmallProblem.trainer(), byHand = try SmallProblem.trainer()
    let parts = try samples.split(validationFraction: 0.25, seed: 3)
    let first = try byFraction.fit(samples, epochs: 3, batchSize: 10, validation: .fraction(0.25))
    let second = try byHand.fit(parts.training, epochs: 3, batchSize: 10, validation: .data(parts.validation))
    #expect(first.stepCount == 3 * 8)
    #expect(first.epochs.map(\.validation) == second.epochs.map(\.validation))
    #expect(first.epochs.allSatisfy { $0.validation?.sampleCount == 25 })
    #expect(byFraction.weightsSHA256() == byHand.weightsSHA256())
    #expect(first.epochs[2].validation == (try byFraction.evaluate(parts.validation)))
  }

  @Test("nothing is held out for a fraction of zero or for no validation", arguments: [true, false])
  func noValidation(usesFraction: Bool) throws {
    let history = try SmallProblem.trainer()
      .fit(SmallProblem.samples(), epochs: 1, validation: usesFraction ? .fraction(0) : .none)
    #expect(history.epochs[0].validation == nil)
  }
}
