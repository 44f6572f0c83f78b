import Fascicle

/// An optimizer with its hyperparameters.
public enum OptimizerConfiguration: Sendable {
  /// Gradient descent, with or without momentum.
  case sgd(SGD)
  /// Adam.
  case adam(Adam)
  /// Adam with decoupled weight decay.
  case adamW(AdamW)

  /// The names that configurations use.
  static let names = ["sgd", "adam", "adamw"]
  /// Every hyperparameter of any optimizer.
  static let hyperparameters = [
    "learningRate", "momentum", "nesterov", "beta1", "beta2", "epsilon", "weightDecay",
  ]

  /// The optimizer itself.
  public var optimizer: any GradientOptimizer {
    switch self {
    case .sgd(let sgd): sgd
    case .adam(let adam): adam
    case .adamW(let adamW): adamW
    }
  }
}
