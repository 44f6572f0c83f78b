import PerceptronModel
import TrainingData

/// Whether a loss can work with the targets of some samples: what cannot is refused, what is odd is a warning.
struct TargetCheck {
  let program: NetworkProgram
  let data: DataSubset

  private var loss: Loss { program.loss }
  private var name: String { data.dataset.name }
  private var lastActivation: ActivationFunction { program.stages[program.stages.count - 1].activation }
  private var lastName: String { program.stageNames[program.stageNames.count - 1] }

  // MARK: - Refusals

  /// Refuses targets of a kind, a number or a size that the loss cannot be formed of.
  ///
  /// - Parameter code: what errors are called; a trained model's differ from a trainer's.
  func require(code: TrainingRuntimeError.Code) throws(TrainingRuntimeError) {
    switch data.dataset.targets {
    case .classes(let count, _): try requireClasses(count, code)
    case .values(let width, _): try requireValues(width, code)
    }
  }

  private func requireClasses(
    _ count: Int, _ code: TrainingRuntimeError.Code
  ) throws(TrainingRuntimeError) {
    guard loss.acceptsLabels else {
      throw TrainingRuntimeError(
        code: code, message: "\(name) has classes, but the loss \(loss.name) needs target values",
        hint: "use the loss categorical_cross_entropy, or give values")
    }
    guard loss.accepts(classCount: count, outputs: program.outputCount) else {
      throw mismatch("\(count) classes", wanted: count, code)
    }
  }

  private func requireValues(
    _ width: Int, _ code: TrainingRuntimeError.Code
  ) throws(TrainingRuntimeError) {
    let wanted = loss.outputCount(forTargets: width)
    guard wanted == program.outputCount else {
      throw mismatch("\(width) \(width == 1 ? "target" : "targets") a sample", wanted: wanted, code)
    }
    guard loss.acceptsValues else {
      throw TrainingRuntimeError(
        code: code, message: "\(name) has target values, but the loss \(loss.name) needs classes",
        hint: "use the loss mean_squared_error")
    }
    guard let wording = forbiddenWording, let range = TargetRange(data), let place = forbidden(range) else { return }
    throw TrainingRuntimeError(
      code: code,
      message:
        "\(name): the loss \(loss.name) needs \(wording), but sample \(place.row) has a target of \(place.value)",
      hint: hint)
  }

  private func mismatch(_ what: String, wanted: Int, _ code: TrainingRuntimeError.Code) -> TrainingRuntimeError {
    guard code == .dataMismatch else {
      return TrainingRuntimeError(
        code: code, message: "\(name) has \(what), but the model puts out \(program.outputCount)")
    }
    return TrainingRuntimeError(
      code: code, message: "\(name) has \(what), but the network puts out \(program.outputCount)",
      hint: "make the last layer \(wanted) units wide")
  }

  /// The targets that the loss needs, in words; nil where any number will do.
  private var forbiddenWording: String? {
    switch loss {
    case .crossEntropy, .klDivergence: "classes, or probabilities from 0 to 1"
    case .binaryCrossEntropy: "targets from 0 to 1"
    case .binaryFocal: "targets of 0 and 1"
    case .hinge, .squaredHinge: "targets of −1 and 1, or of 0 and 1"
    case .poisson: "counts, which are never negative"
    case .meanSquaredLogarithmicError: "targets of at least 0"
    default: nil
    }
  }

  private var hint: String {
    switch loss {
    case .crossEntropy, .klDivergence: "for regression use the loss mean_squared_error"
    case .binaryCrossEntropy: "scale the targets, or use the loss mean_squared_error after a linear layer"
    case .binaryFocal: "use binary_cross_entropy for shares between 0 and 1"
    case .hinge, .squaredHinge: "for regression use the loss mean_absolute_error"
    default: "use the loss mean_squared_error for numbers of either sign"
    }
  }

  private func forbidden(_ range: TargetRange) -> TargetRange.Place? {
    switch loss {
    case .crossEntropy, .klDivergence, .binaryCrossEntropy:
      range.smallest.value < 0 ? range.smallest : range.largest.value > 1 ? range.largest : nil
    case .binaryFocal: range.firstBeyondZeroAndOne
    case .hinge, .squaredHinge: range.firstBeyondSigns == nil ? nil : range.firstBeyondZeroAndOne
    default: range.smallest.value < 0 ? range.smallest : nil
    }
  }

  // MARK: - Warnings

  /// What is odd about the targets for this loss and last layer.
  var warnings: [LossWarning] {
    if case .classes(let count, _) = data.dataset.targets { return classWarnings(count) }
    guard let range = TargetRange(data) else { return [] }
    return [rangeWarning(range), sumWarning(range), zeroWarning(range)].compactMap { $0 }
  }

  private func classWarnings(_ count: Int) -> [LossWarning] {
    let isEachByItself =
      switch loss {
      case .binaryCrossEntropy, .binaryFocal: true
      default: false
      }
    guard isEachByItself, count > 1, program.outputCount > 1 else { return [] }
    return [
      LossWarning(
        "\(name) has one of \(count) classes for each sample, but the loss \(loss.name) judges each output by itself, as if a "
          + "sample could be of several classes",
        hint:
          "use the loss categorical_cross_entropy after softmax, or give rows of 0 and 1 for several labels a sample")
    ]
  }

  /// A distance to targets that the last layer can't put out.
  private func rangeWarning(_ range: TargetRange) -> LossWarning? {
    let outputs = lastActivation.outputRange
    switch loss {
    case .meanSquaredError, .meanAbsoluteError, .meanAbsolutePercentageError, .meanSquaredLogarithmicError, .huber,
      .logCosh, .quantile, .poisson(.rates):
      break
    default: return nil
    }
    let stray =
      range.smallest.value < outputs.lowerBound
      ? range.smallest : range.largest.value > outputs.upperBound ? range.largest : nil
    guard let stray else { return nil }
    let limits =
      outputs.upperBound.isFinite
      ? outputs.lowerBound.isFinite
        ? "from \(outputs.lowerBound) to \(outputs.upperBound)" : "up to \(outputs.upperBound)"
      : "from \(outputs.lowerBound) on"
    return LossWarning(
      "sample \(stray.row) of \(name) has a target of \(stray.value), which \(lastName) can never put out: its outputs are "
        + limits,
      hint: "make the last layer linear, or scale the targets")
  }

  private func sumWarning(_ range: TargetRange) -> LossWarning? {
    switch loss {
    case .crossEntropy, .klDivergence: break
    default: return nil
    }
    guard abs(range.farthestSum.sum - 1) > 1e-3 else { return nil }
    return LossWarning(
      "the loss \(loss.name) takes targets for probabilities, but those of sample \(range.farthestSum.row) of \(name) add up "
        + "to \(Float(range.farthestSum.sum))",
      hint:
        "divide each sample's targets by their sum, or use binary_cross_entropy after sigmoid for several labels a sample"
    )
  }

  private func zeroWarning(_ range: TargetRange) -> LossWarning? {
    guard loss == .meanAbsolutePercentageError, let zero = range.firstZero else { return nil }
    return LossWarning(
      "sample \(zero.row) of \(name) has a target of 0, of which no percentage can be formed: it counts as 1e-7, and "
        + "outweighs all others",
      hint: "leave such samples out, or use the loss mean_absolute_error")
  }
}
