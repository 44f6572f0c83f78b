import Glibc
import PerceptronModel

/// What a model's outputs say, by its last layer, its loss and the targets that it was trained on.
///
///     let reading = predictor.model.outputReading
///     let outputs = try predictor.predict(samples)
///     let probabilities = reading.scores(outputs)               // softmax or sigmoid taken where outputs are logits
///     let label = reading.label(of: outputs[0..<predictor.outputCount])
public struct OutputReading: Sendable {
  /// What an answer is.
  public enum Answer: Sendable, Hashable {
    /// One of so many classes: that of the largest output, or the side of a threshold where there is one output.
    case classes(count: Int)
    /// Several labels, each with its own yes or no.
    case labels
    /// Values as they are.
    case values
  }

  /// What an answer is.
  ///
  /// One class is meant by every model that was trained on labels; by the losses that compare the outputs of a sample with one
  /// another (categorical cross-entropy, focal, Kullback and Leibler's, categorical hinge); and by a single output under a
  /// binary cross-entropy, a binary focal loss or a hinge. Under these last, several outputs are several labels.
  public let answer: Answer
  /// Whether ``scores(_:)`` gives probabilities.
  public let scoresAreProbabilities: Bool
  private let loss: Loss
  private let outputCount: Int

  init(_ model: TrainedModel) {
    let stages = model.stages
    loss = model.loss
    outputCount = model.outputCount
    let isEachByItself =
      switch loss {
      case .binaryCrossEntropy, .binaryFocal, .hinge, .squaredHinge: true
      default: false
      }
    let isClassifier = model.wasTrainedOnClasses || (outputCount == 1 ? isEachByItself : loss.tellsClasses)
    answer = isClassifier ? .classes(count: max(2, outputCount)) : isEachByItself ? .labels : .values
    scoresAreProbabilities =
      switch loss {
      case .crossEntropy, .focal, .klDivergence, .binaryCrossEntropy, .binaryFocal: true
      default: stages[stages.count - 1].activation == .softmax
      }
  }

  /// Whether a sample's scores are probabilities of classes of which one is right, so that they add up to 1.
  var areClassProbabilities: Bool {
    switch loss {
    case .binaryCrossEntropy, .binaryFocal: outputCount == 1
    default: scoresAreProbabilities
    }
  }

  /// From where on a score says yes to a label; nil where outputs are values of their own.
  var labelThreshold: Float? {
    switch loss {
    case .binaryCrossEntropy, .binaryFocal: 0.5
    case .hinge, .squaredHinge: 0
    default: nil
    }
  }

  /// Outputs as scores or values, row-major: probabilities where they are logits, rates where they are logarithms, and of a
  /// Gaussian likelihood the means.
  public func scores(_ outputs: [Float]) -> [Float] {
    switch loss {
    case .crossEntropy(_, .logits), .focal(_, .logits), .klDivergence(.logits): softmax(outputs)
    case .binaryCrossEntropy(_, .logits), .binaryFocal(_, .logits): outputs.map { Float(1 / (1 + exp(-Double($0)))) }
    case .poisson(.logarithms): outputs.map { Float(exp(Double($0))) }
    case .gaussianNLL:
      stride(from: 0, to: outputs.count, by: outputCount).flatMap { outputs[$0..<$0 + outputCount / 2] }
    default: outputs
    }
  }

  /// The class that the outputs of one sample mean: the first of the largest, or 0 or 1 where there is one output.
  public func label(of outputs: ArraySlice<Float>) -> Int {
    guard outputCount > 1 else { return outputs.first.map { $0 > loss.threshold ? 1 : 0 } ?? 0 }
    var best = outputs.startIndex
    for index in outputs.indices where outputs[index] > outputs[best] { best = index }
    return best - outputs.startIndex
  }

  /// The labels that the outputs of one sample say yes to.
  public func labels(of outputs: ArraySlice<Float>) -> [Int] {
    outputs.indices.filter { outputs[$0] > loss.threshold }.map { $0 - outputs.startIndex }
  }

  /// The scores of the classes 0 and 1 from that of class 1; the higher one is the side of the threshold.
  func scoresOfBoth(_ scores: [Float]) -> [Float] {
    let middle: Float = loss == .hinge || loss == .squaredHinge ? 0 : 1
    return scores.flatMap { [middle - $0, $0] }
  }

  /// The scores of all classes of one sample whose ``scores(_:)`` these are: two where a single one stands for class 1.
  public func classScores(_ scores: ArraySlice<Float>) -> [Float] {
    outputCount == 1 ? scoresOfBoth(Array(scores)) : Array(scores)
  }

  private func softmax(_ outputs: [Float]) -> [Float] {
    stride(from: 0, to: outputs.count, by: outputCount).flatMap { first in
      let row = outputs[first..<first + outputCount].map(Double.init), largest = row.max() ?? 0
      let powers = row.map { exp($0 - largest) }, sum = powers.reduce(0, +)
      return powers.map { Float($0 / sum) }
    }
  }
}

extension TrainedModel {
  /// What the outputs say.
  public var outputReading: OutputReading { OutputReading(self) }
}
