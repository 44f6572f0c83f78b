/// Adagrad: steps divided by the root of all squared gradients so far, so that rare features keep large steps.
///
///     g = gradient + weightDecay·w
///     s = s + g²                               s = initialAccumulator at first
///     w −= rate/(1 + (t − 1)·rateDecay) · g / (√s + ε)
///
/// Source: Duchi, Hazan, Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011; PyTorch's
/// form, with ε outside the root.
public struct Adagrad: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// How fast the rate itself decays with the steps.
  public var rateDecay: Float
  /// What the sum of squares begins with.
  public var initialAccumulator: Float
  /// What is added to the divisor, which bounds the step of a parameter whose gradients vanish.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// Adagrad with the given hyperparameters.
  public init(
    learningRate: Float = 0.01, rateDecay: Float = 0, initialAccumulator: Float = 0, epsilon: Float = 1e-10,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.rateDecay = rateDecay
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `adagrad`.
  public var name: String { "adagrad" }
  /// The sum of squares.
  public var stateSlotCount: Int { 1 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try require(rateDecay, "rateDecay", "a finite number of at least 0") { $0 >= 0 }
    try require(initialAccumulator, "initialAccumulator", "a finite number of at least 0") { $0 >= 0 }
    try requireEpsilon(epsilon)
    try requireDecay(weightDecay)
  }

  /// Rate, ε, and what the first step finds in its state.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let rate = Double(step.learningRate) / (1 + Double(step.number - 1) * Double(rateDecay))
    return [Float(rate), epsilon, step.number == 1 ? initialAccumulator : 0, 0, 0, 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .adagrad, stateSlots: 1, l2: weightDecay)
  }
}
