import NeuronKernels

/// Muon: momentum that is made orthogonal, for hidden weight matrices; AdamW for everything else.
///
///     m = momentum·m + (1 − momentum)·g
///     d = (1 − momentum)·g + momentum·m with Nesterov's look-ahead, else m
///     X₀ = d/max(‖d‖, 1e-7)          Xₖ₊₁ = a·Xₖ + (b·A + c·A²)·Xₖ,  A = Xₖ·Xₖᵀ, five times
///     w = w·(1 − rate·weightDecay) − rate·√max(1, units/inputs)·X₅
///
/// with a, b, c = 3.4445, −4.775, 2.0315 and the shorter side of the matrix in front. X₅ has the singular vectors of d and
/// singular values of about 1, so a step turns every direction by as much as any other. Its products cost 20 to
/// 30·(shorter side)²·(longer side) FLOP a step, whatever the minibatch: it is for minibatches that are large beside the widths.
///
/// Which matrices are hidden: all but those of the first and the last dense layer, as the author recommends for what reads
/// inputs and what puts out answers; ``matrices`` chooses otherwise. All others, biases, slopes and gains take AdamW with
/// ``adamLearningRate``, which follows the schedule in proportion.
///
/// Source: Jordan and others, "Muon: An optimizer for hidden layers in neural networks", 2024,
/// kellerjordan.github.io/posts/muon, with defaults of its code; the smallest divisor as in PyTorch's `torch.optim.Muon`.
public struct Muon: GradientOptimizer {
  /// Which weight matrices Muon moves.
  public enum Matrices: String, Sendable, Hashable, CaseIterable {
    /// All but the first and the last dense layer's.
    case hidden
    /// All but the last dense layer's.
    case butLast
    /// All of them.
    case all
  }

  /// The learning rate of Muon's matrices.
  public var learningRate: Float
  /// The share of the momentum that a step keeps, in [0, 1).
  public var momentum: Float
  /// Whether the gradient is looked at once more after the momentum.
  public var nesterov: Bool
  /// The share of a parameter that decays in a step, before it is multiplied with the rate; AdamW's too.
  public var weightDecay: Float
  /// Which weight matrices Muon moves.
  public var matrices: Matrices
  /// The learning rate of AdamW.
  public var adamLearningRate: Float
  /// AdamW's share of the first moment that a step keeps, in [0, 1).
  public var beta1: Float
  /// AdamW's share of the second moment that a step keeps, in [0, 1).
  public var beta2: Float
  /// AdamW's smallest divisor.
  public var epsilon: Float

  /// Muon with the given hyperparameters.
  public init(
    learningRate: Float = 0.02, momentum: Float = 0.95, nesterov: Bool = true, weightDecay: Float = 0,
    matrices: Matrices = .hidden, adamLearningRate: Float = 0.0003, beta1: Float = 0.9, beta2: Float = 0.95,
    epsilon: Float = 1e-10
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.matrices = matrices
    self.adamLearningRate = adamLearningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// `muon`.
  public var name: String { "muon" }
  /// AdamW's two moments; a matrix of Muon's keeps its momentum in the first.
  public var stateSlotCount: Int { 2 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try require(learningRate, "learningRate", "above 0, such as 0.02") { $0 > 0 }
    try require(adamLearningRate, "adamLearningRate", "a finite number of at least 0, such as 0.0003") { $0 >= 0 }
    try requireShare(momentum, "momentum")
    try AdamRule.validate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }

  /// AdamW's, at its own rate.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let rate = step.learningRate * (adamLearningRate / learningRate)
    return AdamRule.coefficients(
      OptimizerStep(number: step.number, learningRate: rate), beta1: beta1, beta2: beta2, keep: 1 - rate * weightDecay)
  }

  /// AdamW's step, for what is no matrix of Muon's.
  public func update(_ slice: ParameterSlice) {
    AdamRule.update(slice, beta1: beta1, beta2: beta2, epsilon: epsilon, l2: 0)
  }

  /// Whether Muon moves the weights of dense layer `index` of `count`.
  package func takesMatrix(_ index: Int, of count: Int) -> Bool {
    switch matrices {
    case .hidden: index > 0 && index < count - 1
    case .butLast: index < count - 1
    case .all: true
    }
  }

  /// Replaces gradients of a slice of a matrix, which lie at `direction`, by d, and moves the momentum.
  package func formDirection(_ slice: ParameterSlice, in direction: UnsafeMutablePointer<Float>) {
    let kernels = slice.kernels, velocity = slice.state(0), count = slice.count
    if slice.gradientScale != 1 {
      kernels.combine(direction, .scale, with: direction, count: count, a: slice.gradientScale)
    }
    kernels.blend(velocity, towards: direction, count: count, share: complement(momentum))
    if nesterov {
      kernels.blend(direction, towards: velocity, count: count, share: momentum)
    } else {
      direction.update(from: velocity, count: count)
    }
  }

  /// The step of a slice of a matrix, whose gradients are the orthogonal direction.
  package func updateMatrix(_ slice: ParameterSlice) {
    let keep = slice.decays ? 1 - slice.learningRate * weightDecay : 1
    if keep != 1 {
      slice.kernels.combine(slice.parameters, .scale, with: slice.parameters, count: slice.count, a: keep)
    }
    slice.kernels.updateSGD(slice.updateSlice(stateSlots: 0, l2: 0), rate: slice.learningRate)
  }
}
