import NeuronKernels

/// How the workers' gradients become one.
public enum GradientReduction: String, Sendable, Hashable, CaseIterable {
  /// Every worker computes the whole minibatch's gradient of the parameters it owns and updates them: nothing is summed
  /// across workers, so the bits are the same for any number of them.
  case ownerComputes
  /// Each team of workers forms the gradient of its lane, a fixed share of the minibatch, in memory near to it; then every
  /// worker sums its parameters' slice of all lanes in a fixed tree and updates it. The bits are the same for any number
  /// of workers with the same number of lanes.
  case segmented
  /// Every worker takes minibatches of its own and updates the shared parameters without waiting for anyone. Gradients are
  /// of weights that others change meanwhile, and of two updates at once one may be lost: no two runs are alike.
  ///
  /// Source: Niu, Recht, Ré, Wright, "HOGWILD!: A Lock-Free Approach to Parallelizing Stochastic Gradient Descent", 2011,
  /// arXiv:1106.5730.
  case hogwild
}

/// How many gradient lanes the reduction `segmented` has.
public enum LaneRequest: Sendable, Hashable {
  /// One for each memory node and last-level cache that the workers may use.
  case automatic
  /// Exactly this many.
  case exactly(Int)
}

extension GradientReduction {
  /// The largest number of lanes that may be asked for.
  public static let maximumLaneCount = KernelSet.gradientLaneLimit
}
