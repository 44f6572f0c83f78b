/// Brings each unit to mean 0 and variance 1 over the samples of a minibatch, then scales and shifts it by what it learns.
///
///     y = gain·(x − m)/√(v + epsilon) + shift
///
/// While training, m and v are the unit's mean and variance over the whole minibatch, each sample counting once whatever its
/// weight, and the variance divided by the number of samples. Evaluation and prediction take the running statistics:
///
///     running ← (1 − momentum)·running + momentum·new
///
/// after every step that updates the parameters, where the new variance is divided by one less than the number of samples.
/// They begin at mean 0 and variance 1. All of this is PyTorch's convention. Keras's momentum is one less ours, so its 0.99
/// is 0.01 here, its epsilon is 1e-3, and its running variance is divided by the number of samples.
///
/// A minibatch of a single sample has no variance, so training refuses to make one.
///
/// Source: Ioffe, Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
/// 2015, arXiv:1502.03167.
public struct BatchNorm: Sendable, Hashable {
  /// The share of a new minibatch in the running statistics, above 0 and at most 1.
  public var momentum: Float
  /// What keeps the division from zero, above 0.
  public var epsilon: Float
  /// Whether each unit has a factor to learn, which begins at 1.
  public var usesGain: Bool
  /// Whether each unit has a summand to learn, which begins at 0; it makes a bias in the layer before superfluous.
  public var usesShift: Bool

  /// A layer that normalizes over minibatches.
  public init(momentum: Float = 0.1, epsilon: Float = 1e-5, usesGain: Bool = true, usesShift: Bool = true) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.usesGain = usesGain
    self.usesShift = usesShift
  }
}
