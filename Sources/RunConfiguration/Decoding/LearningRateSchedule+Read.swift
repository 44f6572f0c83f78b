import Fascicle

extension LearningRateSchedule {
  private static let names = [
    "constant", "step", "multi_step", "piecewise", "ramp", "exponential", "polynomial", "inverse_time", "cosine",
    "cosine_restarts", "one_cycle", "cyclic", "sequence", "plateau",
  ]
  /// Every key of any schedule.
  private static let keys = [
    "epochs", "factor", "milestones", "staircase", "power", "finalFactor", "decay", "warmUpEpochs", "lengthFactor",
    "peakFactor", "rising", "startDivisor", "endDivisor", "shape", "threePhases", "lowFactor", "epochsUp", "epochsDown",
    "mode", "patience", "threshold", "cooldown", "metric", "factors", "startFactor", "endFactor", "schedules",
  ]
  /// Ten times less every ten epochs, where nothing else is asked for.
  private static let standardStep = (epochs: 10, factor: Float(0.1))

  static func read(_ reader: SectionReader, default standard: LearningRateSchedule) -> LearningRateSchedule {
    let schedule = unchecked(reader, default: standard)
    reader.check(schedule.validate, prefix: "")
    return schedule
  }

  private static func unchecked(
    _ reader: SectionReader, default standard: LearningRateSchedule
  ) -> LearningRateSchedule {
    guard
      let name = reader.choice("name", default: standard.name, among: names, make: { names.contains($0) ? $0 : nil })
    else { return standard }
    let schedule = named(name, reader)
    reader.finish(owner: "the schedule \(name)", others: keys)
    return schedule
  }

  private static func named(_ name: String, _ reader: SectionReader) -> LearningRateSchedule {
    switch name {
    case "step":
      .step(
        epochs: reader.whole("epochs", default: standardStep.epochs, in: 1...Int.max),
        factor: reader.float("factor", default: standardStep.factor))
    case "multi_step":
      .multiStep(
        milestones: reader.wholes("milestones", default: [10, 20]),
        factor: reader.float("factor", default: standardStep.factor))
    case "piecewise":
      .piecewise(
        milestones: reader.numbers("milestones", default: [10, 20]),
        factors: reader.numbers("factors", default: [1, 0.1, 0.01]).map { Float($0) })
    case "ramp":
      .ramp(
        startFactor: reader.float("startFactor", default: 0.1), endFactor: reader.float("endFactor", default: 1),
        epochs: reader.epochs("epochs", default: 5))
    case "exponential":
      .exponential(
        factor: reader.float("factor", default: 0.95), epochs: reader.epochs("epochs", default: 1),
        staircase: reader.flag("staircase", default: false))
    case "polynomial":
      .polynomial(
        power: reader.float("power", default: 1), finalFactor: reader.float("finalFactor", default: 0),
        epochs: reader.float("epochs", orWord: "all").map(Double.init))
    case "inverse_time":
      .inverseTime(
        decay: reader.float("decay", default: 0.1), epochs: reader.epochs("epochs", default: 1),
        staircase: reader.flag("staircase", default: false))
    case "cosine":
      .cosine(
        warmUpEpochs: reader.epochs("warmUpEpochs", default: 0), finalFactor: reader.float("finalFactor", default: 0))
    case "cosine_restarts": .cosineRestarts(cosineRestarts(reader))
    case "one_cycle": .oneCycle(oneCycle(reader))
    case "cyclic": .cyclic(cyclic(reader))
    case "sequence": .sequence(sequence(reader))
    case "plateau": .plateau(plateau(reader))
    default: .constant
    }
  }

  private static func cosineRestarts(_ reader: SectionReader) -> CosineRestarts {
    let standard = CosineRestarts()
    return CosineRestarts(
      epochs: reader.epochs("epochs", default: standard.epochs),
      lengthFactor: reader.float("lengthFactor", default: standard.lengthFactor),
      peakFactor: reader.float("peakFactor", default: standard.peakFactor),
      finalFactor: reader.float("finalFactor", default: standard.finalFactor),
      warmUpEpochs: reader.epochs("warmUpEpochs", default: standard.warmUpEpochs))
  }

  private static func oneCycle(_ reader: SectionReader) -> OneCycle {
    let standard = OneCycle()
    return OneCycle(
      rising: reader.float("rising", default: standard.rising),
      startDivisor: reader.float("startDivisor", default: standard.startDivisor),
      endDivisor: reader.float("endDivisor", default: standard.endDivisor),
      shape: reader.choice("shape", default: standard.shape),
      threePhases: reader.flag("threePhases", default: standard.threePhases))
  }

  private static func cyclic(_ reader: SectionReader) -> CyclicRate {
    let standard = CyclicRate()
    let epochsUp = reader.epochs("epochsUp", default: standard.epochsUp)
    return CyclicRate(
      lowFactor: reader.float("lowFactor", default: standard.lowFactor), epochsUp: epochsUp,
      epochsDown: reader.epochs("epochsDown", default: epochsUp),
      mode: reader.choice("mode", default: standard.mode), decay: reader.float("decay", default: standard.decay))
  }

  private static func sequence(_ reader: SectionReader) -> ScheduleSequence {
    let milestones = reader.numbers("milestones", default: [])
    guard case .list(let elements)? = reader.node("schedules")?.value, !elements.isEmpty else {
      reader.require("schedules", because: "a list such as [{ name: ramp, epochs: 5 }, { name: cosine }]")
      return ScheduleSequence([.constant], milestones: [])
    }
    let schedules = elements.enumerated().map { index, element in
      unchecked(
        SectionReader(
          element.asNamedSection, path: "\(reader.dotted("schedules")).\(index)", example: "name: cosine",
          problems: reader.problems), default: .constant)
    }
    return ScheduleSequence(schedules, milestones: milestones)
  }

  private static func plateau(_ reader: SectionReader) -> Plateau {
    let standard = Plateau()
    return Plateau(
      factor: reader.float("factor", default: standard.factor),
      patience: reader.whole("patience", default: standard.patience, in: 0...Int.max),
      threshold: reader.float("threshold", default: standard.threshold),
      cooldown: reader.whole("cooldown", default: standard.cooldown, in: 0...Int.max),
      finalFactor: reader.float("finalFactor", default: standard.finalFactor),
      metric: reader.choice("metric", default: standard.metric))
  }
}

extension SectionReader {
  /// A length in epochs, a fraction or not; its range is for the library's own checks.
  fileprivate func epochs(_ key: String, default standard: Double) -> Double {
    real(key, default: standard, expected: "a number of at least 0") { $0 >= 0 }
  }

  /// A list of whole numbers; what they may be is for the library's own checks.
  fileprivate func wholes(_ key: String, default standard: [Int]) -> [Int] {
    list(key, default: standard, of: "whole numbers such as [10, 20]") { text throws(NumberText.Refusal) in
      try NumberText.whole(text, as: Int.self)
    }
  }

  /// The same of any numbers.
  fileprivate func numbers(_ key: String, default standard: [Double]) -> [Double] {
    list(key, default: standard, of: "numbers such as [10, 20.5]", read: NumberText.real)
  }

  private func list<Number>(
    _ key: String, default standard: [Number], of what: String, read: (String) throws(NumberText.Refusal) -> Number
  ) -> [Number] {
    guard let node = node(key) else { return standard }
    var found: [Number]?
    if case .list(let elements) = node.value {
      let numbers = elements.map { element -> Number? in
        guard case .scalar(let text, isQuoted: false) = element.value else { return nil }
        return try? read(text)
      }
      if !numbers.contains(where: { $0 == nil }) { found = numbers.compactMap { $0 } }
    }
    if let found { return found }
    problems.add(.value, node.place, "\(dotted(key)) must be a list of \(what), but is \(node.wording)")
    return standard
  }
}
