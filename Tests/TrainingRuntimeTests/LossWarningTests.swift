import Fascicle
import Testing

@Suite("Pairs of last layer, loss and targets")
struct LossWarningTests {
  private static func trainer(_ loss: Loss, _ last: ActivationFunction, outputs: Int = 2) throws -> Trainer {
    try Trainer(
      Network(inputs: 1) { Dense(outputs, activation: last) }, loss: loss, optimizer: SGD(), runtime: .unpinned(1))
  }

  private static func values(_ targets: [Float], width: Int = 2) throws -> DataSubset {
    let count = targets.count / width
    return DataSubset(
      allOf: try Dataset(
        features: [Float](repeating: 1, count: count), featureCount: 1, targets: targets, targetCount: width,
        name: "curve"))
  }

  private static func labels(_ labels: [Int], classes: Int) throws -> DataSubset {
    DataSubset(
      allOf: try Dataset(
        features: [Float](repeating: 1, count: labels.count), featureCount: 1, labels: labels, classCount: classes,
        name: "kinds"))
  }

  /// The pairs that the guide recommends.
  static let recommended: [(Loss, ActivationFunction)] = [
    (.categoricalCrossEntropy, .softmax), (.crossEntropy(labelSmoothing: 0.1), .softmax),
    (.crossEntropy(from: .logits), .linear), (.binaryCrossEntropy(), .sigmoid),
    (.binaryCrossEntropy(from: .logits), .linear), (.focal(), .softmax), (.focal(from: .logits), .linear),
    (.binaryFocal(), .sigmoid), (.binaryFocal(from: .logits), .linear), (.klDivergence(), .softmax),
    (.klDivergence(from: .logits), .linear), (.meanSquaredError, .linear), (.meanAbsoluteError, .linear),
    (.meanAbsolutePercentageError, .linear), (.meanSquaredLogarithmicError, .softplus), (.huber(), .linear),
    (.logCosh, .linear), (.quantile(), .linear), (.poisson(), .exponential), (.poisson(), .softplus),
    (.poisson(from: .logarithms), .linear), (.gaussianNLL, .linear), (.hinge, .linear), (.hinge, .tanh),
    (.squaredHinge, .linear), (.categoricalHinge, .linear), (.cosineSimilarity, .linear), (.meanSquaredError, .relu),
    (.meanSquaredError, .sigmoid),
  ]

  @Test("recommended pairs are silent", arguments: recommended)
  func silence(pair: (Loss, ActivationFunction)) throws {
    #expect(try Self.trainer(pair.0, pair.1).warnings == [], "\(pair)")
    #expect(Set(Self.recommended.map(\.0.name)) == Set(Loss.names))
  }

  @Test(
    "odd pairs are warned of, with the reason",
    arguments: [
      (Loss.meanSquaredError, ActivationFunction.softmax, "sure and wrong"),
      (.crossEntropy(from: .logits), .relu, "at 0.0 or above"), (.crossEntropy(from: .logits), .softmax, "taken twice"),
      (.crossEntropy(from: .logits), .tanh, "between -1.0 and 1.0"),
      (.binaryCrossEntropy(from: .logits), .sigmoid, "taken twice"), (.focal(from: .logits), .relu, "learns nothing"),
      (.poisson(), .linear, "never negative"), (.poisson(from: .logarithms), .exponential, "logarithms of rates"),
      (.hinge, .sigmoid, "gives none below 0.0"), (.categoricalHinge, .softmax, "gives none below 0.0"),
      (.gaussianNLL, .relu, "logarithms of variances"), (.meanSquaredLogarithmicError, .linear, "learns nothing"),
      (.huber(), .logSoftmax, "nearly vanishes"),
    ] as [(Loss, ActivationFunction, String)])
  func oddPairs(loss: Loss, last: ActivationFunction, reason: String) throws {
    let warnings = try Self.trainer(loss, last).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.message.contains(reason) == true, "\(warnings)")
    #expect(warnings.first?.hint.isEmpty == false)
  }

  @Test("one output has nothing to be compared with")
  func singleOutput() throws {
    #expect(try Self.trainer(.categoricalCrossEntropy, .softmax, outputs: 1).warnings.count == 1)
    #expect(try Self.trainer(.binaryCrossEntropy(), .sigmoid, outputs: 1).warnings == [])
  }

  @Test("targets that the last layer can't reach, or that are not what the loss takes them for, are warned of")
  func oddTargets() throws {
    func warnings(_ loss: Loss, _ last: ActivationFunction, _ data: DataSubset) throws -> [String] {
      try Self.trainer(loss, last).warnings(for: data).map { "\($0)" }
    }
    #expect(
      try warnings(.meanSquaredError, .sigmoid, Self.values([0, 1, 0.5, 1.5]))
        == [
          "sample 1 of curve has a target of 1.5, which layer 1 (dense 2 sigmoid) can never put out: its outputs are from "
            + "0.0 to 1.0; make the last layer linear, or scale the targets"
        ])
    #expect(try warnings(.meanSquaredError, .sigmoid, Self.values([0, 1, 0.5, 1])) == [])
    #expect(try warnings(.meanAbsoluteError, .relu, Self.values([0, 1, -0.5, 1])).count == 1)
    #expect(try warnings(.meanSquaredError, .linear, Self.values([0, 1, -50, 1e9])) == [])
    #expect(try warnings(.categoricalCrossEntropy, .softmax, Self.values([0.5, 0.5, 1, 1])).count == 1)
    #expect(try warnings(.categoricalCrossEntropy, .softmax, Self.values([0.5, 0.5, 0.25, 0.75])) == [])
    #expect(try warnings(.meanAbsolutePercentageError, .linear, Self.values([1, 0])).count == 1)
    #expect(try warnings(.binaryCrossEntropy(), .sigmoid, Self.labels([0, 1], classes: 2)).count == 1)
    #expect(try warnings(.categoricalCrossEntropy, .softmax, Self.labels([0, 1], classes: 2)) == [])
  }

  @Test("targets that a loss can't be formed of are refused in sentences")
  func refusals() throws {
    func sentence(_ loss: Loss, _ last: ActivationFunction, _ data: DataSubset) throws -> String? {
      let trainer = try Self.trainer(loss, last)
      let error = #expect(throws: TrainingRuntimeError.self) { try trainer.fit(data, epochs: 1) }
      #expect(throws: TrainingRuntimeError.self) { try trainer.evaluate(data) }
      #expect(error?.code == .dataMismatch)
      return error?.description
    }
    #expect(
      try sentence(.binaryCrossEntropy(), .sigmoid, Self.values([0, 1, 0.5, -0.5]))
        == "curve: the loss binary_cross_entropy needs targets from 0 to 1, but sample 1 has a target of -0.5; scale the "
        + "targets, or use the loss mean_squared_error after a linear layer")
    #expect(try sentence(.binaryFocal(), .sigmoid, Self.values([0, 0.5])) != nil)
    #expect(try sentence(.hinge, .linear, Self.values([-1, 0])) != nil)
    #expect(try sentence(.poisson(), .exponential, Self.values([2, -1])) != nil)
    #expect(try sentence(.meanSquaredLogarithmicError, .softplus, Self.values([2, -1])) != nil)
    #expect(
      try sentence(.focal(), .softmax, Self.values([0, 1]))
        == "curve has target values, but the loss focal needs classes; use the loss mean_squared_error")
    #expect(
      try sentence(.poisson(), .exponential, Self.labels([0, 1], classes: 2))
        == "kinds has classes, but the loss poisson needs target values; use the loss categorical_cross_entropy, or give "
        + "values")
    #expect(
      try sentence(.gaussianNLL, .linear, Self.values([0, 1]))
        == "curve has 2 targets a sample, but the network puts out 2; make the last layer 4 units wide")
    for sound in [[-1, 1], [0, 1]] as [[Float]] {
      _ = try Self.trainer(.hinge, .linear).fit(Self.values(sound), epochs: 1)
    }
  }

  @Test("a loss whose parameters or last layer cannot work is refused")
  func impossible() throws {
    func sentence(_ loss: Loss, _ last: ActivationFunction, outputs: Int = 2) -> String? {
      #expect(throws: PerceptronModelError.self) { try Self.trainer(loss, last, outputs: outputs) }?.description
    }
    #expect(
      sentence(.binaryCrossEntropy(), .linear)
        == "the loss binary_cross_entropy needs probabilities, but layer 1 (dense 2) is the last layer and not sigmoid; "
        + "end with a dense layer whose activation is sigmoid, say that the outputs are logits (from: logits), or use a loss "
        + "of values such as mean_squared_error")
    #expect(
      sentence(.gaussianNLL, .linear, outputs: 3)
        == "the loss gaussian_nll needs two outputs for each target, a mean and the logarithm of a variance, but layer 1 "
        + "(dense 3) puts out 3; make the last layer twice as wide as there are targets")
    for loss in [
      Loss.huber(delta: 0), .huber(delta: .nan), .quantile(tau: 0), .quantile(tau: 1), .focal(gamma: -1, from: .logits),
      .crossEntropy(labelSmoothing: 1, from: .logits), .crossEntropy(labelSmoothing: -0.1, from: .logits),
    ] {
      let error = #expect(throws: PerceptronModelError.self) { try Self.trainer(loss, .linear) }
      #expect(error?.code == .lossParameter, "\(loss)")
    }
  }
}
