import NeuronKernels

/// RMSprop: steps divided by the root of the gradients' running mean square, with or without their mean, with or without
/// momentum.
///
///     g = gradient + weightDecay·w
///     s = ρ·s + (1−ρ)·g²
///     d = g / (√s + ε)                          centred: m += (1−ρ)·(g − m),  d = g / (√(s − m²) + ε)
///     w −= rate·d                               momentum: v = momentum·v + d,  w −= rate·v
///
/// Source: Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012; centred: Graves, "Generating Sequences With Recurrent
/// Neural Networks", 2013, arXiv:1308.0850, equations 38 to 45; PyTorch's form, with ε outside the root.
public struct RMSprop: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of the mean square that a step keeps, in [0, 1).
  public var rho: Float
  /// The share of the velocity that a step keeps, in [0, 1).
  public var momentum: Float
  /// Whether the mean square is taken about the gradients' mean.
  public var centred: Bool
  /// What is added to the divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// RMSprop with the given hyperparameters.
  public init(
    learningRate: Float = 0.01, rho: Float = 0.99, momentum: Float = 0, centred: Bool = false, epsilon: Float = 1e-8,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.momentum = momentum
    self.centred = centred
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `rmsprop`.
  public var name: String { "rmsprop" }

  /// The mean square; with `centred` the mean; with momentum the velocity.
  public var stateSlotCount: Int { 1 + (centred ? 1 : 0) + (momentum == 0 ? 0 : 1) }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(rho, "rho")
    try requireShare(momentum, "momentum")
    try requireEpsilon(epsilon)
    try requireDecay(weightDecay)
  }

  /// Rate, ρ, 1 − ρ, ε, momentum.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [step.learningRate, rho, complement(rho), epsilon, momentum, 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: rule, stateSlots: stateSlotCount, l2: weightDecay)
  }

  private var rule: UpdateRule {
    switch (centred, momentum != 0) {
    case (false, false): .rmsprop
    case (false, true): .rmspropMomentum
    case (true, false): .rmspropCentred
    case (true, true): .rmspropCentredMomentum
    }
  }
}
