import Glibc

/// How the learning rate moves through a run, as a factor of the optimizer's rate.
public enum LearningRateSchedule: Sendable, Hashable {
  /// Always the optimizer's rate.
  case constant
  /// Multiplied with `factor` after every `epochs` epochs.
  case step(epochs: Int, factor: Float)
  /// Rises linearly over the first `warmUpEpochs`, then falls along half a cosine to `finalFactor`, which the step after
  /// the last would have.
  ///
  /// Source: Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016, arXiv:1608.03983, equation 5,
  /// with the cosine advanced at every step.
  case cosine(warmUpEpochs: Double = 0, finalFactor: Float = 0)

  /// The factor for a step.
  ///
  /// - Parameters:
  ///   - step: Steps done before this one: 0 for the first.
  ///   - stepsPerEpoch: Steps of an epoch, at least 1.
  ///   - totalSteps: Steps of the run; steps beyond it keep the last factor.
  public func factor(step: Int, stepsPerEpoch: Int, totalSteps: Int) -> Float {
    switch self {
    case .constant:
      return 1
    case .step(let epochs, let factor):
      return pow(factor, Float(step / stepsPerEpoch / epochs))
    case .cosine(let warmUpEpochs, let finalFactor):
      let warmUp = warmUpEpochs * Double(stepsPerEpoch)
      let position = Double(step)
      if position < warmUp { return Float((position + 1) / (warmUp + 1)) }
      let share = min(1, (position - warmUp) / max(1, Double(totalSteps) - warmUp))
      return finalFactor + (1 - finalFactor) * Float(0.5 * (1 + cos(Double.pi * share)))
    }
  }

  /// Refuses lengths and factors that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    switch self {
    case .constant:
      return
    case .step(let epochs, let factor):
      guard epochs >= 1 else {
        throw GradientOptimizersError(
          parameter: "schedule.epochs", message: "schedule.epochs must be at least 1, but is \(epochs)")
      }
      try require(factor, "schedule.factor", "above 0 and at most 1, such as 0.1") { $0 > 0 && $0 <= 1 }
    case .cosine(let warmUpEpochs, let finalFactor):
      try require(Float(warmUpEpochs), "schedule.warmUpEpochs", "a finite number of at least 0") { $0 >= 0 }
      try require(finalFactor, "schedule.finalFactor", "in [0, 1]") { $0 >= 0 && $0 <= 1 }
    }
  }

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .constant: "constant"
    case .step: "step"
    case .cosine: "cosine"
    }
  }
}
