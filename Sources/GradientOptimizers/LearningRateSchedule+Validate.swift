extension LearningRateSchedule {
  /// Refuses lengths and factors that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    switch self {
    case .constant:
      return
    case .step(let epochs, let factor):
      try Self.requireCount(epochs, "epochs", atLeast: 1)
      try Self.requireFactor(factor)
    case .multiStep(let milestones, let factor):
      try Self.requireMilestones(milestones)
      try Self.requireFactor(factor)
    case .piecewise(let milestones, let factors): try Self.requirePieces(milestones, factors)
    case .ramp(let startFactor, let endFactor, let epochs):
      try require(startFactor, "schedule.startFactor", "in [0, 1]") { $0 >= 0 && $0 <= 1 }
      try require(endFactor, "schedule.endFactor", "in [0, 1]") { $0 >= 0 && $0 <= 1 }
      try Self.requireLength(epochs, "epochs")
    case .exponential(let factor, let epochs, _):
      try Self.requireFactor(factor)
      try Self.requireLength(epochs, "epochs")
    case .polynomial(let power, let finalFactor, let epochs):
      try require(power, "schedule.power", "above 0, such as 1") { $0 > 0 }
      try Self.requireFinalFactor(finalFactor)
      try Self.requireLength(epochs ?? 1, "epochs")
    case .inverseTime(let decay, let epochs, _):
      try require(decay, "schedule.decay", "a finite number of at least 0") { $0 >= 0 }
      try Self.requireLength(epochs, "epochs")
    case .cosine(let warmUpEpochs, let finalFactor):
      try Self.requireWarmUp(warmUpEpochs)
      try Self.requireFinalFactor(finalFactor)
    case .cosineRestarts(let restarts): try restarts.validate()
    case .oneCycle(let cycle): try cycle.validate()
    case .cyclic(let cyclic): try cyclic.validate()
    case .sequence(let sequence): try sequence.validate()
    case .plateau(let plateau): try plateau.validate()
    }
  }

  static func requireCount(_ count: Int, _ name: String, atLeast least: Int) throws(GradientOptimizersError) {
    guard count >= least else {
      throw GradientOptimizersError(
        parameter: "schedule.\(name)", message: "schedule.\(name) must be at least \(least), but is \(count)")
    }
  }

  static func requireFactor(_ factor: Float) throws(GradientOptimizersError) {
    try require(factor, "schedule.factor", "above 0 and at most 1, such as 0.1") { $0 > 0 && $0 <= 1 }
  }

  static func requireFinalFactor(_ factor: Float) throws(GradientOptimizersError) {
    try require(factor, "schedule.finalFactor", "in [0, 1]") { $0 >= 0 && $0 <= 1 }
  }

  static func requireWarmUp(_ epochs: Double) throws(GradientOptimizersError) {
    try require(Float(epochs), "schedule.warmUpEpochs", "a finite number of at least 0") { $0 >= 0 }
  }

  static func requireLength(_ epochs: Double, _ name: String) throws(GradientOptimizersError) {
    try require(Float(epochs), "schedule.\(name)", "a finite number above 0, such as 10") { $0 > 0 }
  }

  private static func requireMilestones(_ milestones: [Int]) throws(GradientOptimizersError) {
    let rise = zip(milestones, milestones.dropFirst()).allSatisfy { $0 < $1 }
    guard let first = milestones.first, first >= 1, rise else {
      let found = milestones.isEmpty ? "there are none" : "they are \(milestones)"
      throw GradientOptimizersError(
        parameter: "schedule.milestones",
        message: "schedule.milestones must be rising numbers of epochs from 1 on, such as [10, 20], but \(found)")
    }
  }

  /// The most epochs of a milestone, so that its step is a number for any data set.
  private static let longestLength = 1e9

  private static func requirePieces(_ milestones: [Double], _ factors: [Float]) throws(GradientOptimizersError) {
    try requireRise(milestones)
    guard factors.count == milestones.count + 1 else {
      throw GradientOptimizersError(
        parameter: "schedule.factors",
        message: "schedule.factors must be one more than milestones, but there are \(factors.count) for "
          + "\(milestones.count)")
    }
    for factor in factors { try require(factor, "schedule.factors", "in [0, 1]") { $0 >= 0 && $0 <= 1 } }
  }

  static func requireRise(_ milestones: [Double]) throws(GradientOptimizersError) {
    let rise = zip(milestones, milestones.dropFirst()).allSatisfy { $0 < $1 }
    guard rise, milestones.allSatisfy({ $0 > 0 && $0 <= longestLength }) else {
      throw GradientOptimizersError(
        parameter: "schedule.milestones",
        message:
          "schedule.milestones must be rising numbers of epochs above 0, at most a billion, such as [5, 20], but they "
          + "are \(milestones)")
    }
  }
}
