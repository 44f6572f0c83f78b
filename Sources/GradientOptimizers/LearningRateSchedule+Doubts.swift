extension LearningRateSchedule {
  /// What is odd about the schedule in a run of so many epochs; nil where nothing is.
  ///
  /// Nothing is refused for it: a run may be cut short on purpose.
  public func doubt(inRunOf epochs: Int) -> String? {
    let warmUp: Double
    switch self {
    case .cosine(let epochs, _): warmUp = epochs
    case .cosineRestarts(let restarts): warmUp = restarts.warmUpEpochs
    case .sequence(let sequence): return sequence.doubt(inRunOf: epochs)
    case .constant, .step, .multiStep, .piecewise, .ramp, .exponential, .polynomial, .inverseTime, .oneCycle, .cyclic,
      .plateau:
      return nil
    }
    guard warmUp >= Double(epochs), warmUp > 0 else { return nil }
    let share = Int((100 * Double(epochs) / warmUp).rounded(.down))
    return
      "the learning rate warms up for \(warmUp) epochs, but the run has \(epochs): it ends at \(share) % of the rate"
  }
}

extension ScheduleSequence {
  /// A part that the run never comes to.
  fileprivate func doubt(inRunOf epochs: Int) -> String? {
    guard let part = milestones.firstIndex(where: { $0 >= Double(epochs) }) else { return nil }
    return
      "the schedule comes to \(schedules[part + 1].name) after \(milestones[part]) epochs, but the run has \(epochs)"
  }
}
