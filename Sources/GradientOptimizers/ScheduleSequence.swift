/// Schedules one after the other, each with a clock of its own.
///
///     ScheduleSequence([.ramp(startFactor: 0.1, epochs: 5), .cosine()], milestones: [5])
///
/// What a part says of the run's end, it says of its own.
///
/// Source: PyTorch's `SequentialLR`; Optax' `join_schedules`.
public struct ScheduleSequence: Sendable, Hashable {
  /// The parts in their order: at least one, none of them ``LearningRateSchedule/plateau(_:)`` or a sequence.
  public var schedules: [LearningRateSchedule]
  /// The epochs from which on the second part counts, the third and so on: one fewer than parts, rising.
  public var milestones: [Double]

  /// A sequence that changes over at the milestones.
  public init(_ schedules: [LearningRateSchedule], milestones: [Double]) {
    self.schedules = schedules
    self.milestones = milestones
  }

  func factor(step: Int, stepsPerEpoch: Int, totalSteps: Int) -> Float {
    // No closure: this runs inside a step.
    var part = 0, first = 0, end = totalSteps
    for milestone in milestones {
      let start = LearningRateSchedule.firstStep(after: milestone, stepsPerEpoch)
      guard step >= start else {
        end = start
        break
      }
      part += 1
      first = start
    }
    return schedules[part].factor(
      step: step - first, stepsPerEpoch: stepsPerEpoch, totalSteps: max(1, end - first))
  }

  func validate() throws(GradientOptimizersError) {
    guard milestones.count + 1 == schedules.count else {
      throw GradientOptimizersError(
        parameter: "schedule.milestones",
        message: "schedule.milestones must be one fewer than schedules, but there are \(milestones.count) for "
          + "\(schedules.count)")
    }
    try LearningRateSchedule.requireRise(milestones)
    for (index, schedule) in schedules.enumerated() { try Self.validate(schedule, at: "schedule.schedules.\(index)") }
  }

  private static func validate(_ schedule: LearningRateSchedule, at place: String) throws(GradientOptimizersError) {
    switch schedule {
    case .plateau, .sequence:
      throw GradientOptimizersError(
        parameter: place,
        message: "\(place) must be neither a plateau, which follows a metric, nor a sequence, but is \(schedule.name)")
    default: break
    }
    do throws(GradientOptimizersError) {
      try schedule.validate()
    } catch {
      throw GradientOptimizersError(
        parameter: error.parameter.movedInto(place), message: error.message.movedInto(place))
    }
  }
}

extension String {
  /// `schedule.factor must …` as it reads for a part of a sequence.
  fileprivate func movedInto(_ place: String) -> String {
    hasPrefix("schedule.") ? place + dropFirst("schedule".count) : self
  }
}
