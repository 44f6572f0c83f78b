import Fascicle

extension LearningRateSchedule {
  private static let names = ["constant", "step", "cosine"]
  /// Ten times less every ten epochs, where nothing else is asked for.
  private static let standardStep = (epochs: 10, factor: Float(0.1))

  static func read(_ reader: SectionReader, default standard: LearningRateSchedule) -> LearningRateSchedule {
    guard
      let name = reader.choice("name", default: standard.name, among: names, make: { names.contains($0) ? $0 : nil })
    else { return standard }
    let schedule: LearningRateSchedule =
      switch name {
      case "step":
        .step(
          epochs: reader.whole("epochs", default: standardStep.epochs, in: 1...Int.max),
          factor: reader.float("factor", default: standardStep.factor))
      case "cosine":
        .cosine(
          warmUpEpochs: reader.real("warmUpEpochs", default: 0, expected: "a number of at least 0") { $0 >= 0 },
          finalFactor: reader.float("finalFactor", default: 0))
      default: .constant
      }
    reader.finish(
      owner: "the schedule \(name)", others: ["epochs", "factor", "warmUpEpochs", "finalFactor"])
    reader.check(schedule.validate, prefix: "")
    return schedule
  }
}
