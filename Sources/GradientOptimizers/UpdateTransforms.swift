/// What is done around an optimizer's updates: composed here once, and run block by block while the block is in the cache,
/// so that no transform costs a pass over memory of its own.
public struct UpdateTransforms: Sendable, Hashable {
  /// Which parameters an optimizer's weight decay reaches, in layers that do not decline it.
  public var decayed: DecayedParameters
  /// The average of the weights that is evaluated and saved in place of them.
  public var averaging: WeightAveraging
  /// Slow weights that follow the optimizer's at a distance.
  public var lookahead: Lookahead?
  /// Steps in a row that may be left out because their loss or gradient is not finite; 0 to stop at the first.
  public var skipLimit: Int
  /// Minibatches whose gradients make one step: the mean over all of their samples, as if they were one minibatch, in the
  /// memory of one.
  ///
  /// The last step of an epoch has as many as are left, and is the mean over their samples alone. Steps are counted, by
  /// schedules too, and not minibatches.
  public var accumulation: Int

  /// No transform unless asked for.
  public init(
    decayed: DecayedParameters = .all, averaging: WeightAveraging = .none, lookahead: Lookahead? = nil,
    skipLimit: Int = 0, accumulation: Int = 1
  ) {
    self.decayed = decayed
    self.averaging = averaging
    self.lookahead = lookahead
    self.skipLimit = skipLimit
    self.accumulation = accumulation
  }

  /// The most minibatches that a step may have.
  public static let largestAccumulation = 1 << 20

  /// Floats of state that each parameter needs: an average, a slow weight.
  package var stateSlotCount: Int { (averaging == .none ? 0 : 1) + (lookahead == nil ? 0 : 1) }

  /// Refuses numbers that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try averaging.validate()
    try lookahead?.validate()
    guard skipLimit >= 0 else {
      throw GradientOptimizersError(
        parameter: "skipNonFinite", message: "skipNonFinite must be at least 0, but is \(skipLimit)")
    }
    guard (1...Self.largestAccumulation).contains(accumulation) else {
      throw GradientOptimizersError(
        parameter: "gradientAccumulation",
        message: "gradientAccumulation must be from 1 to \(Self.largestAccumulation), but is \(accumulation)")
    }
  }
}

/// Which parameters an optimizer's weight decay reaches.
public enum DecayedParameters: String, Sendable, Hashable, CaseIterable {
  /// All of them, as in PyTorch.
  case all
  /// Connection weights alone: no biases and no learned slopes.
  case weights

  /// Whether parameters of this role decay.
  package func contains(_ role: ParameterRole) -> Bool { self == .all || role == .weight }
}
