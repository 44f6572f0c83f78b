/// Where the time of a run went, in seconds, each the mean over the workers that ran at the time.
public struct PhaseSeconds: Sendable, Hashable {
  /// Forward products and activations, with the loss.
  public var forward = 0.0
  /// Backward products down to every layer's sums.
  public var backward = 0.0
  /// Weight gradients and the optimizer's update.
  public var gradientAndUpdate = 0.0
  /// Waiting for the other workers.
  public var barrier = 0.0
  /// Gathering and scaling samples.
  public var data = 0.0
  /// Evaluating held-out samples.
  public var evaluation = 0.0
  /// Looking for sick layers between steps and at the ends of epochs.
  public var diagnosis = 0.0

  /// No time at all.
  public init() {}

  /// All phases together.
  public var total: Double { forward + backward + gradientAndUpdate + barrier + data + evaluation + diagnosis }

  static func += (sum: inout PhaseSeconds, part: PhaseSeconds) {
    sum.forward += part.forward
    sum.backward += part.backward
    sum.gradientAndUpdate += part.gradientAndUpdate
    sum.barrier += part.barrier
    sum.data += part.data
    sum.evaluation += part.evaluation
    sum.diagnosis += part.diagnosis
  }

  /// The same shares of another total.
  func scaled(to total: Double) -> PhaseSeconds {
    let factor = self.total > 0 ? total / self.total : 0
    var scaled = self
    scaled.forward *= factor
    scaled.backward *= factor
    scaled.gradientAndUpdate *= factor
    scaled.barrier *= factor
    scaled.data *= factor
    scaled.evaluation *= factor
    scaled.diagnosis *= factor
    return scaled
  }
}
