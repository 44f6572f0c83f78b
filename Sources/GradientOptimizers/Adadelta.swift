/// Adadelta: steps as large as the latest steps were, in the units of the parameters themselves.
///
///     g = gradient + weightDecay·w
///     s = ρ·s + (1−ρ)·g²
///     d = √(a + ε)/√(s + ε) · g                 a = ρ·a + (1−ρ)·d²  afterwards
///     w −= rate·d
///
/// Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, arXiv:1212.5701, algorithm 1, with PyTorch's rate.
public struct Adadelta: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate.
  public var learningRate: Float
  /// The share of both means that a step keeps, in [0, 1).
  public var rho: Float
  /// What is added under both roots; the first steps are as large as its root.
  public var epsilon: Float
  /// The L2 term's factor, added to the gradient.
  public var weightDecay: Float

  /// Adadelta with the given hyperparameters.
  public init(learningRate: Float = 1, rho: Float = 0.9, epsilon: Float = 1e-6, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.rho = rho
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `adadelta`.
  public var name: String { "adadelta" }
  /// The mean squares of gradients and of steps.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try requireShare(rho, "rho")
    try requireEpsilon(epsilon)
    try requireDecay(weightDecay)
  }

  /// Rate, ρ, 1 − ρ, ε.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    [step.learningRate, rho, complement(rho), epsilon, 0, 0, 0, 0]
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.update(by: .adadelta, stateSlots: 2, l2: weightDecay)
  }
}
