import Fascicle
import Testing

@Suite("What outputs say")
struct OutputReadingTests {
  /// A model with outputs that are its inputs, so that answers can be told in advance.
  private func reading(
    _ loss: Loss, outputs: Int, last: ActivationFunction? = nil, trainedOnClasses: Bool = false
  ) throws -> OutputReading {
    let activation = last ?? loss.fusedActivation ?? .linear
    var model = try Trainer(
      Network(inputs: 2) { Dense(outputs, activation: activation) }, loss: loss, optimizer: SGD(),
      normalization: .none, runtime: .unpinned(1)
    ).model()
    model.wasTrainedOnClasses = trainedOnClasses
    return model.outputReading
  }

  @Test("losses that compare outputs mean one class; from logits their softmax is taken")
  func classes() throws {
    let logits: [Float] = [1, 3, 2]
    for loss: Loss in [.crossEntropy(from: .logits), .focal(from: .logits), .klDivergence(from: .logits)] {
      let reading = try reading(loss, outputs: 3)
      #expect(reading.answer == .classes(count: 3) && reading.scoresAreProbabilities)
      let scores = reading.scores(logits)
      #expect(zip(scores, [0.090_030_57, 0.665_240_9, 0.244_728_5]).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(reading.label(of: logits[...]) == 1)
    }
    for loss: Loss in [.crossEntropy(), .focal(), .klDivergence()] {
      let reading = try reading(loss, outputs: 3)
      #expect(reading.answer == .classes(count: 3) && reading.scoresAreProbabilities)
      #expect(reading.scores([0.25, 0.5, 0.25]) == [0.25, 0.5, 0.25])
    }
    let hinge = try reading(.categoricalHinge, outputs: 3)
    #expect(hinge.answer == .classes(count: 3) && !hinge.scoresAreProbabilities)
    #expect(hinge.scores(logits) == logits && hinge.label(of: [2, 2, 1][...]) == 0)
  }

  @Test("a single output tells two classes apart, by the loss's threshold")
  func single() throws {
    let logits = try reading(.binaryCrossEntropy(from: .logits), outputs: 1)
    #expect(logits.answer == .classes(count: 2) && logits.scoresAreProbabilities)
    #expect(logits.label(of: [0.1][...]) == 1 && logits.label(of: [-0.1][...]) == 0)
    let scores = logits.scores([0, 2])
    #expect(scores[0] == 0.5 && abs(scores[1] - 0.880_797_1) < 1e-6)
    #expect(logits.classScores(scores[1...]) == [1 - scores[1], scores[1]])
    for loss: Loss in [.binaryCrossEntropy(), .binaryFocal()] {
      let reading = try reading(loss, outputs: 1)
      #expect(reading.answer == .classes(count: 2) && reading.scoresAreProbabilities)
      #expect(reading.label(of: [0.6][...]) == 1 && reading.label(of: [0.4][...]) == 0)
    }
    for loss: Loss in [.hinge, .squaredHinge] {
      let reading = try reading(loss, outputs: 1)
      #expect(reading.answer == .classes(count: 2) && !reading.scoresAreProbabilities)
      #expect(reading.label(of: [0.1][...]) == 1 && reading.classScores([0.1]) == [-0.1, 0.1])
    }
  }

  @Test("several outputs under a binary loss are several labels, unless classes were trained on")
  func labels() throws {
    for loss: Loss in [.binaryCrossEntropy(), .binaryFocal()] {
      let reading = try reading(loss, outputs: 3)
      #expect(reading.answer == .labels && reading.scoresAreProbabilities)
      #expect(reading.labels(of: [0.9, 0.5, 0.6][...]) == [0, 2])
      #expect(try self.reading(loss, outputs: 3, trainedOnClasses: true).answer == .classes(count: 3))
    }
    let logits = try reading(.binaryCrossEntropy(from: .logits), outputs: 3)
    #expect(logits.labels(of: [1, 0, 0.1][...]) == [0, 2] && logits.scores([0, 0, 0]) == [0.5, 0.5, 0.5])
    #expect(try reading(.hinge, outputs: 2).answer == .labels)
  }

  @Test("distances give values, or the scores of classes where these were trained on")
  func values() throws {
    for loss: Loss in [.meanSquaredError, .meanAbsoluteError, .huber(), .logCosh, .cosineSimilarity] {
      #expect(try reading(loss, outputs: 3).answer == .values)
      let trained = try reading(loss, outputs: 3, trainedOnClasses: true)
      #expect(trained.answer == .classes(count: 3) && !trained.scoresAreProbabilities)
      #expect(try reading(loss, outputs: 3, last: .softmax, trainedOnClasses: true).scoresAreProbabilities)
    }
    #expect(try reading(.gaussianNLL, outputs: 4).answer == .values)
    #expect(try reading(.poisson(from: .logarithms), outputs: 1).scores([0]) == [1])
  }

  @Test("training tells the model whether there were classes")
  func trained() throws {
    let trainer = try Trainer(
      Network(inputs: 5) { Dense(3) }, loss: .meanSquaredError, optimizer: SGD(), runtime: .unpinned(1))
    #expect(try !trainer.model().wasTrainedOnClasses)
    _ = try trainer.fit(SmallProblem.samples(), epochs: 1)
    #expect(try trainer.model().wasTrainedOnClasses)
    #expect(try trainer.model().outputReading.answer == .classes(count: 3))
  }
}
