/// Schedule-free AdamW: steps at z, gradients at y, evaluation at x, the mean of all z; no schedule, no end to plan for.
///
///     v = β₂·v + (1−β₂)·g²                       g the gradient at y
///     d = g/(√v/√(1−β₂ᵗ) + ε) + weightDecay·y
///     z −= rateₜ·d                                rateₜ = rate·min(t/warmUpSteps, 1)
///     x = (1 − c)·x + c·z                         c = rateₜ²/(rate₁² + … + rateₜ²)
///     y = (1 − β₁)·z + β₁·x
///
/// The trained parameters are y. Evaluation, validation, digests and saved models use x = y + (y − z)·(1−β₁)/β₁, which the
/// runtime makes when one is asked for; training goes on from y as if nothing had happened.
///
/// Source: Defazio and others, "The Road Less Scheduled", 2024, arXiv:2405.15682, with decay at y as its authors' code has it.
public struct ScheduleFreeAdamW: GradientOptimizer, KernelUpdatingOptimizer, EvaluationPointOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// How far y lies from z towards x, in (0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// What is added to the divisor.
  public var epsilon: Float
  /// The share of a parameter that decays in a step, before it is multiplied with the rate.
  public var weightDecay: Float
  /// Steps over which the rate rises linearly.
  public var warmUpSteps: Int

  /// ScheduleFreeAdamW with the given hyperparameters.
  public init(
    learningRate: Float = 0.0025, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, warmUpSteps: Int = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.warmUpSteps = warmUpSteps
  }

  /// `schedule_free_adamw`.
  public var name: String { "schedule_free_adamw" }
  /// z and the second moment.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try require(beta1, "beta1", "above 0 and below 1, such as 0.9") { $0 > 0 && $0 < 1 }
    try requireShare(beta2, "beta2")
    try requireEpsilon(epsilon)
    try requireDecay(weightDecay)
    guard warmUpSteps >= 0 else {
      throw GradientOptimizersError(
        parameter: "warmUpSteps", message: "warmUpSteps must be at least 0, but is \(warmUpSteps)")
    }
  }

  /// Rate, step of y, share of z in x, β₂, 1 − β₂, root correction, ε, decay.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let number = Double(step.number), length = Double(max(1, warmUpSteps))
    let factor = min(number / length, 1), share = factor * factor / sumOfSquaredFactors(number, length)
    let rate = Double(step.learningRate) * factor
    return [
      Float(rate), Float(rate * (decimal(beta1) * (1 - share) - 1)), Float(share), beta2, complement(beta2),
      rootCorrection(beta2, step), epsilon, weightDecay,
    ]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    var coefficients = slice.coefficients
    if !slice.decays { coefficients[7] = 0 }
    slice.kernels.update(slice.updateSlice(stateSlots: 2, l2: 0), by: .scheduleFreeAdamW, coefficients)
  }

  package func writeEvaluationPoint(_ point: UnsafeMutablePointer<Float>, of slice: ParameterSlice) {
    let ratio = Float((1 - decimal(beta1)) / decimal(beta1)), z = slice.state(0)
    for index in 0..<slice.count {
      let y = slice.parameters[index]
      point[index] = y + (y - z[index]) * ratio
    }
  }

  /// Σ min(i/length, 1)² for i from 1 to `number`.
  private func sumOfSquaredFactors(_ number: Double, _ length: Double) -> Double {
    let rising = min(number, length)
    return rising * (rising + 1) * (2 * rising + 1) / (6 * length * length) + max(0, number - length)
  }
}
