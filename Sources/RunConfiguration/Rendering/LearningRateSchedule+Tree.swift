import Fascicle

extension LearningRateSchedule {
  /// The schedule as a section, every default filled in.
  var tree: ConfigurationTree { .section([.init("name", .text(name))] + entries) }

  private var entries: [ConfigurationTree.Entry] {
    switch self {
    case .constant:
      []
    case .step(let epochs, let factor):
      [.init("epochs", .whole(UInt64(max(0, epochs)))), .init("factor", .float(factor))]
    case .multiStep(let milestones, let factor):
      [
        .init("milestones", .list(milestones.map { .whole(UInt64(max(0, $0))) })), .init("factor", .float(factor)),
      ]
    case .piecewise(let milestones, let factors):
      [
        .init("milestones", .list(milestones.map(ConfigurationTree.real))),
        .init("factors", .list(factors.map(ConfigurationTree.float))),
      ]
    case .ramp(let startFactor, let endFactor, let epochs):
      [
        .init("startFactor", .float(startFactor)), .init("endFactor", .float(endFactor)),
        .init("epochs", .real(epochs)),
      ]
    case .exponential(let factor, let epochs, let staircase):
      [.init("factor", .float(factor)), .init("epochs", .real(epochs)), .init("staircase", .flag(staircase))]
    case .polynomial(let power, let finalFactor, let epochs):
      [
        .init("power", .float(power)), .init("finalFactor", .float(finalFactor)),
        .init("epochs", epochs.map(ConfigurationTree.real) ?? .text("all")),
      ]
    case .inverseTime(let decay, let epochs, let staircase):
      [.init("decay", .float(decay)), .init("epochs", .real(epochs)), .init("staircase", .flag(staircase))]
    case .cosine(let warmUpEpochs, let finalFactor):
      [.init("warmUpEpochs", .real(warmUpEpochs)), .init("finalFactor", .float(finalFactor))]
    case .cosineRestarts(let restarts): restarts.entries
    case .oneCycle(let cycle): cycle.entries
    case .cyclic(let cyclic): cyclic.entries
    case .sequence(let sequence): sequence.entries
    case .plateau(let plateau): plateau.entries
    }
  }
}

extension CosineRestarts {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [
      .init("epochs", .real(epochs)), .init("lengthFactor", .float(lengthFactor)),
      .init("peakFactor", .float(peakFactor)), .init("finalFactor", .float(finalFactor)),
      .init("warmUpEpochs", .real(warmUpEpochs)),
    ]
  }
}

extension OneCycle {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [
      .init("rising", .float(rising)), .init("startDivisor", .float(startDivisor)),
      .init("endDivisor", .float(endDivisor)), .init("shape", .text(shape.rawValue)),
      .init("threePhases", .flag(threePhases)),
    ]
  }
}

extension CyclicRate {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [
      .init("lowFactor", .float(lowFactor)), .init("epochsUp", .real(epochsUp)), .init("epochsDown", .real(epochsDown)),
      .init("mode", .text(mode.rawValue)), .init("decay", .float(decay)),
    ]
  }
}

extension ScheduleSequence {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [
      .init("schedules", .list(schedules.map(\.tree))),
      .init("milestones", .list(milestones.map(ConfigurationTree.real))),
    ]
  }
}

extension Plateau {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [
      .init("factor", .float(factor)), .init("patience", .whole(UInt64(max(0, patience)))),
      .init("threshold", .float(threshold)), .init("cooldown", .whole(UInt64(max(0, cooldown)))),
      .init("finalFactor", .float(finalFactor)), .init("metric", .text(metric.rawValue)),
    ]
  }
}
