import Glibc

/// Nadam: Adam with Nesterov's look-ahead, its momentum warming up.
///
///     g = gradient + weightDecay·w
///     μₜ = β₁·(1 − ½·0.96^(t·momentumDecay))        Πₜ = μ₁·…·μₜ
///     m = β₁·m + (1−β₁)·g          v = β₂·v + (1−β₂)·g²
///     w −= rate·((1−μₜ)/(1−Πₜ)·g + μₜ₊₁/(1−Πₜ₊₁)·m) / (√v/√(1−β₂ᵗ) + ε)
///
/// Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016; PyTorch's form.
public struct Nadam: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// The share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// How fast the momentum warms up.
  public var momentumDecay: Float
  /// What is added to the divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// Nadam with the given hyperparameters.
  public init(
    learningRate: Float = 0.002, beta1: Float = 0.9, beta2: Float = 0.999, momentumDecay: Float = 0.004,
    epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.momentumDecay = momentumDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `nadam`.
  public var name: String { "nadam" }
  /// The two moments.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(beta1, "beta1")
    try requireShare(beta2, "beta2")
    try require(momentumDecay, "momentumDecay", "a finite number of at least 0") { $0 >= 0 }
    try requireEpsilon(epsilon)
    try requireDecay(weightDecay)
  }

  /// Steps of gradient and moment, root correction, β₁, 1 − β₁, β₂, 1 − β₂, ε.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let rate = Double(step.learningRate), number = step.number
    let now = momentum(number), next = momentum(number + 1)
    let gradientStep = rate * (1 - now) / (1 - momentumProduct(number))
    let momentStep = rate * next / (1 - momentumProduct(number + 1))
    return [
      Float(gradientStep), Float(momentStep), rootCorrection(beta2, step), beta1, complement(beta1), beta2,
      complement(beta2), epsilon,
    ]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .nadam, stateSlots: 2, l2: weightDecay)
  }

  /// μₜ.
  private func momentum(_ number: Int) -> Double {
    decimal(beta1) * (1 - 0.5 * pow(0.96, Double(number) * decimal(momentumDecay)))
  }

  /// Πₜ without a loop over the steps, so that an optimizer stays a value without a past.
  ///
  /// With q = 0.96^momentumDecay: ln Π(1 − qⁱ/2) = −Σₖ Σᵢ qⁱᵏ/(k·2ᵏ), and the inner sum is geometric.
  private func momentumProduct(_ number: Int) -> Double {
    let q = pow(0.96, decimal(momentumDecay)), all = pow(q, Double(number))
    var logarithm = 0.0, power = 1.0, allPower = 1.0, half = 1.0
    for k in 1...50 {
      power *= q
      allPower *= all
      half *= 0.5
      let sum = power == 1 ? Double(number) : power * (1 - allPower) / (1 - power)
      logarithm -= sum * half / Double(k)
    }
    return pow(decimal(beta1), Double(number)) * exp(logarithm)
  }
}
