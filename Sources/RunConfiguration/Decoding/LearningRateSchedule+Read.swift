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
        factors: reader.floats("factors", default: [1, 0.1, 0.01]))
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
    let example = "a list such as [{ name: ramp, epochs: 5 }, { name: cosine }]", node = reader.node("schedules")
    guard case .list(let elements)? = node?.value, !elements.isEmpty else {
      if let node {
        reader.problems.add(
          .value, node.place, "\(reader.dotted("schedules")) must be \(example), but is \(node.wording)")
      } else {
        reader.require("schedules", because: example)
      }
      _ = reader.numbers("milestones", default: [])
      return ScheduleSequence([.constant], milestones: [])
    }
    let schedules = elements.enumerated().map { index, element in
      unchecked(
        SectionReader(
          element.asNamedSection, path: "\(reader.dotted("schedules")).\(index)", example: "name: cosine",
          problems: reader.problems), default: .constant)
    }
    // What stands for milestones that cannot be read is not wrong a second time.
    let standIn = reader.has("milestones") ? (1..<schedules.count).map(Double.init) : []
    return ScheduleSequence(schedules, milestones: reader.numbers("milestones", default: standIn))
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

  /// The same in single precision.
  fileprivate func floats(_ key: String, default standard: [Float]) -> [Float] {
    list(key, default: standard, of: "numbers such as [1, 0.1]", read: NumberText.single)
  }

  private func list<Number>(
    _ key: String, default standard: [Number], of what: String, read: (String) throws(NumberText.Refusal) -> Number
  ) -> [Number] {
    guard let node = node(key) else { return standard }
    guard case .list(let elements) = node.value else {
      problems.add(.value, node.place, "\(dotted(key)) must be a list of \(what), but is \(node.wording)")
      return standard
    }
    var numbers: [Number] = []
    for (index, element) in elements.enumerated() {
      guard case .scalar(let text, isQuoted: false) = element.value, let number = try? read(text) else {
        problems.add(
          .value, element.place,
          "\(dotted(key)) must be a list of \(what), but its element \(index) is \(element.wording)")
        return standard
      }
      numbers.append(number)
    }
    return numbers
  }
}
