extension LearningRateSchedule {
  /// What is odd about the schedule in a run of so many epochs; nil where nothing is.
  ///
  /// Nothing is refused for it: a run may be cut short on purpose.
  public func doubt(inRunOf epochs: Int) -> String? {
    let warmUp: Double
    // The shares of the rate that a warm-up begins and ends with.
    var first: Float = 0, last: Float = 1
    switch self {
    case .cosine(let length, _): warmUp = length
    case .cosineRestarts(let restarts): warmUp = restarts.warmUpEpochs
    case .ramp(let start, let end, let length): (warmUp, first, last) = (start < end ? length : 0, start, end)
    case .sequence(let sequence): return sequence.doubt(inRunOf: epochs)
    case .constant, .step, .multiStep, .piecewise, .exponential, .polynomial, .inverseTime, .oneCycle, .cyclic,
      .plateau:
      return nil
    }
    guard warmUp >= Double(epochs), warmUp > 0 else { return nil }
    let share = Int((100 * (Double(first) + Double(last - first) * Double(epochs) / warmUp)).rounded(.down))
    return
      "the learning rate warms up for \(warmUp) epochs, but the run has \(epochs): it ends at \(share) % of the rate"
  }
}

extension ScheduleSequence {
  /// A part that the run never comes to.
  fileprivate func doubt(inRunOf epochs: Int) -> String? {
    guard let part = milestones.firstIndex(where: { $0 >= Double(epochs) }) else { return nil }
    return "the schedule never comes to \(schedules[part + 1].name), which begins after \(milestones[part]) epochs: "
      + "the run has \(epochs)"
  }
}
