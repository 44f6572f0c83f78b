import Fascicle

extension OptimizerConfiguration {
  /// Reads the optimizer; nil when its name is unknown, which is noted.
  init?(_ reader: SectionReader) {
    guard
      let name = reader.choice("name", default: "adam", among: Self.names, make: { Self.names.contains($0) ? $0 : nil })
    else { return nil }
    switch name {
    case "sgd": self = .sgd(Self.sgd(reader))
    case "adamw": self = .adamW(Self.adamW(reader))
    default: self = .adam(Self.adam(reader))
    }
    reader.finish(owner: "the optimizer \(name)", others: Self.hyperparameters)
    reader.check(optimizer.validate, prefix: "optimizer.")
  }

  private static func sgd(_ reader: SectionReader) -> SGD {
    let standard = SGD()
    return SGD(
      learningRate: reader.float("learningRate", default: standard.learningRate),
      momentum: reader.float("momentum", default: standard.momentum),
      nesterov: reader.flag("nesterov", default: standard.nesterov),
      weightDecay: reader.float("weightDecay", default: standard.weightDecay))
  }

  private static func adam(_ reader: SectionReader) -> Adam {
    let standard = Adam()
    return Adam(
      learningRate: reader.float("learningRate", default: standard.learningRate),
      beta1: reader.float("beta1", default: standard.beta1), beta2: reader.float("beta2", default: standard.beta2),
      epsilon: reader.float("epsilon", default: standard.epsilon),
      weightDecay: reader.float("weightDecay", default: standard.weightDecay))
  }

  private static func adamW(_ reader: SectionReader) -> AdamW {
    let standard = AdamW()
    return AdamW(
      learningRate: reader.float("learningRate", default: standard.learningRate),
      beta1: reader.float("beta1", default: standard.beta1), beta2: reader.float("beta2", default: standard.beta2),
      epsilon: reader.float("epsilon", default: standard.epsilon),
      weightDecay: reader.float("weightDecay", default: standard.weightDecay))
  }
}

extension SectionReader {
  /// Runs the library's own check of hyperparameters and notes what it refuses at the value's place.
  ///
  /// - Parameter prefix: what stands before the check's own names, as in `optimizer.`.
  func check(_ validate: () throws(GradientOptimizersError) -> Void, prefix: String) {
    do {
      try validate()
    } catch {
      let place = problems.places[prefix + error.parameter] ?? place
      problems.add(.value, place, prefix + error.message)
    }
  }
}
