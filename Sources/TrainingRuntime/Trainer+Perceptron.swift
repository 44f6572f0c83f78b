import GradientOptimizers
import PerceptronModel
import TrainingData

/// What the perceptron rule asks of network, loss and targets.
extension Trainer {
  /// Network and optimizer as they train together: with the perceptron rule, a step gets the gradient that makes it one.
  ///
  /// - Throws: ``TrainingRuntimeError`` where the rule is for something else than a single layer of steps.
  static func prepared(
    _ network: Network, loss: Loss, for optimizer: any GradientOptimizer
  ) throws -> (network: Network, optimizer: any GradientOptimizer) {
    guard var perceptron = optimizer as? Perceptron else { return (network, optimizer) }
    guard let layers = network.layers.withPerceptronGradient else {
      throw TrainingRuntimeError(
        code: .setting,
        message: "the optimizer perceptron is for a single dense layer with step, but the network is \(network)",
        hint: "make it { dense: \(max(1, network.outputs)), activation: step }, or use another optimizer such as sgd")
    }
    guard loss == .meanSquaredError else {
      throw TrainingRuntimeError(
        code: .setting,
        message:
          "the optimizer perceptron needs the loss mean_squared_error, which gives it the difference between answer "
          + "and target, but the loss is \(loss.name)",
        hint: "use the loss mean_squared_error")
    }
    perceptron.outputCount = network.outputs
    return (Network(inputs: network.inputs, layers: layers), perceptron)
  }

  /// Refuses targets that a step can never answer.
  func requirePerceptronTargets(of data: DataSubset) throws(TrainingRuntimeError) {
    guard optimizer is Perceptron, let place = TargetRange(data)?.firstBeyondZeroAndOne else { return }
    throw TrainingRuntimeError(
      code: .dataMismatch,
      message: "\(data.dataset.name): the optimizer perceptron needs targets of 0 and 1, but sample \(place.row) has a "
        + "target of \(place.value)",
      hint: "give classes, or targets of 0 and 1; for numbers use a linear layer and the optimizer sgd")
  }
}

extension [Layer] {
  /// The layers with the perceptron's gradient at their step; nil unless they are a dense layer with a step.
  fileprivate var withPerceptronGradient: [Layer]? {
    switch (first, dropFirst().first) {
    case (.dense(var dense)?, nil):
      guard dense.activation.isPerceptronStep else { return nil }
      dense.activation = .step(gradient: .perceptron)
      return [.dense(dense)]
    case (.dense(let dense)?, .activation(var activation)?) where count == 2 && dense.activation == .linear:
      guard activation.function.isPerceptronStep else { return nil }
      activation.function = .step(gradient: .perceptron)
      return [.dense(dense), .activation(activation)]
    default: return nil
    }
  }
}

extension ActivationFunction {
  fileprivate var isPerceptronStep: Bool { self == .step() || self == .step(gradient: .perceptron) }
}
