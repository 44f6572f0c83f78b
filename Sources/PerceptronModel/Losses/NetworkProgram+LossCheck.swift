import NeuronKernels

/// Whether the last layer and the loss go together: what cannot work is refused, what is odd is a warning.
extension NetworkProgram {
  private var lastActivation: ActivationFunction { stages[stages.count - 1].activation }
  private var lastName: String { stageNames[stageNames.count - 1] }

  /// Refuses losses whose parameters or last layer cannot work.
  func checkLoss() throws(PerceptronModelError) {
    for parameter in loss.parameters where parameter.words.isEmpty && !parameter.range.contains(parameter.number) {
      throw PerceptronModelError(
        code: .lossParameter,
        message:
          "the loss \(loss.name) needs \(parameter.range.wording(parameter.name)), but has \(parameter.number)")
    }
    if let wanted = loss.fusedActivation, lastActivation != wanted {
      throw PerceptronModelError(
        code: .lossMismatch,
        message: "the loss \(loss.name) needs probabilities, but \(lastName) is the last layer and not \(wanted)",
        hint:
          "end with a dense layer whose activation is \(wanted), say that the outputs are logits (from: logits), or "
          + "use a loss of values such as mean_squared_error")
    }
    if fusesLastActivation, !stages[stages.count - 1].learning.outputs.isNone {
      throw PerceptronModelError(
        code: .mismatch,
        message: "\(lastName) has an activityRegularizer, but its \(lastActivation) is computed together with the loss",
        hint: "lay the penalty on the layers below")
    }
    guard loss != .gaussianNLL || outputCount.isMultiple(of: 2) else {
      throw PerceptronModelError(
        code: .lossMismatch,
        message: "the loss gaussian_nll needs two outputs for each target, a mean and the logarithm of a variance, but "
          + "\(lastName) puts out \(outputCount)",
        hint: "make the last layer twice as wide as there are targets")
    }
  }

  /// What is odd about the pair of last layer and loss, whatever the data are; none for a recommended pair.
  package var lossWarnings: [LossWarning] {
    [singleOutputWarning, pairWarning].compactMap { $0 }
  }

  private var singleOutputWarning: LossWarning? {
    guard outputCount == 1, loss.form.traits.contains(.exclusive) else { return nil }
    return LossWarning(
      "the loss \(loss.name) compares the outputs of a sample with each other, but there is only one, so that nothing can "
        + "be learned",
      hint: "for two classes use two outputs, or binary_cross_entropy after sigmoid")
  }

  private var pairWarning: LossWarning? {
    let range = lastActivation.outputRange
    return switch loss {
    case .crossEntropy(_, .logits), .focal(_, .logits), .klDivergence(.logits):
      logitWarning(range, squashing: .softmax)
    case .binaryCrossEntropy(_, .logits), .binaryFocal(_, .logits): logitWarning(range, squashing: .sigmoid)
    case .crossEntropy, .focal, .klDivergence, .binaryCrossEntropy, .binaryFocal, .cosineSimilarity: nil
    case .poisson(let input): poissonWarning(input, range)
    case .gaussianNLL:
      lastActivation == .linear
        ? nil
        : LossWarning(
          "half of the outputs are logarithms of variances for the loss gaussian_nll, but \(lastName) bends or bounds them",
          hint: "make the last layer linear")
    case .hinge, .squaredHinge, .categoricalHinge: hingeWarning(range)
    case .meanSquaredLogarithmicError:
      range.lowerBound >= 0
        ? nil
        : LossWarning(
          "the loss \(loss.name) takes outputs below 0 for 0 and learns nothing from them, but \(lastName) can give them",
          hint: "end with softplus or exponential")
    case .meanSquaredError, .meanAbsoluteError, .meanAbsolutePercentageError, .huber, .logCosh, .quantile:
      distanceWarning
    }
  }

  /// Logits have all numbers to choose from, or some probabilities cannot be had.
  private func logitWarning(_ range: ClosedRange<Float>, squashing: ActivationFunction) -> LossWarning? {
    if lastActivation == squashing {
      return LossWarning(
        "the loss \(loss.name) takes the outputs for logits, but \(lastName) has made probabilities of them: \(squashing) "
          + "is taken twice, and no class can be nearly certain",
        hint: "leave out from: logits, or make the last layer linear")
    }
    guard lastActivation != .logSoftmax, range.lowerBound.isFinite || range.upperBound.isFinite else { return nil }
    let bounds =
      range.upperBound.isFinite
      ? range.lowerBound.isFinite ? "between \(range.lowerBound) and \(range.upperBound)" : "below \(range.upperBound)"
      : "at \(range.lowerBound) or above"
    return LossWarning(
      "\(lastName) keeps the logits of the loss \(loss.name) \(bounds), so that some probabilities cannot be reached"
        + (lastActivation == .relu ? ", and where it gives 0 it learns nothing" : ""),
      hint: "make the last layer linear, or use \(squashing) and leave out from: logits")
  }

  private func poissonWarning(_ input: RateInput, _ range: ClosedRange<Float>) -> LossWarning? {
    switch input {
    case .rates where range.lowerBound < 0:
      return LossWarning(
        "the loss poisson takes the outputs for rates, which are never negative, but \(lastName) can give numbers below 0",
        hint: "end with exponential or softplus, or say that the outputs are logarithms (from: logarithms)")
    case .logarithms where range.lowerBound.isFinite || range.upperBound.isFinite:
      return LossWarning(
        "the loss poisson takes the outputs for logarithms of rates, which can be any number, but \(lastName) bounds them",
        hint: "make the last layer linear, or leave out from: logarithms")
    default: return nil
    }
  }

  /// Hinges push outputs beyond a margin of 1, on both sides of 0.
  private func hingeWarning(_ range: ClosedRange<Float>) -> LossWarning? {
    let needed: ClosedRange<Float> = -1...1
    guard range.lowerBound > needed.lowerBound || range.upperBound < needed.upperBound else { return nil }
    return LossWarning(
      "the loss \(loss.name) wants outputs of −1 and less or 1 and more, but \(lastName) gives none "
        + (range.lowerBound > needed.lowerBound ? "below \(range.lowerBound)" : "above \(range.upperBound)"),
      hint: "make the last layer linear or tanh")
  }

  private var distanceWarning: LossWarning? {
    guard lastActivation == .softmax || lastActivation == .logSoftmax else { return nil }
    return LossWarning(
      "the loss \(loss.name) after \(lastActivation) learns slowly: where the network is sure and wrong, its gradient "
        + "nearly vanishes",
      hint: "use the loss categorical_cross_entropy after softmax, whose gradient is p − t")
  }
}
