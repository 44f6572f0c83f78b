import Fascicle

extension GradientClipping {
  /// Reads the four limits, of which one may be given.
  static func read(_ reader: SectionReader) -> GradientClipping {
    let limits = [
      reader.float("clipNorm", orWord: "none").map(GradientClipping.globalNorm),
      reader.float("clipTensorNorm", orWord: "none").map(GradientClipping.tensorNorm),
      reader.float("clipValue", orWord: "none").map(GradientClipping.value),
      reader.float("clipAdaptive", orWord: "none").map(GradientClipping.adaptive),
    ].compactMap { $0 }
    if limits.count > 1, let second = reader.node(limits[1].key) {
      reader.problems.add(
        .value, second.place,
        "\(reader.dotted(limits[0].key)) and \(reader.dotted(limits[1].key)) exclude one another",
        hint: "keep one, and write none for the other")
    }
    return limits.first ?? .none
  }
}

extension UpdateTransforms {
  /// Reads the transforms from the keys of their section.
  static func read(_ reader: SectionReader) -> UpdateTransforms {
    let lookahead = Lookahead()
    let steps = reader.whole("lookaheadSteps", default: 0, in: 0...Int.max)
    let share = reader.float("lookaheadShare", default: lookahead.share)
    return UpdateTransforms(
      decayed: reader.choice("decayed", default: DecayedParameters.all), averaging: averaging(reader),
      lookahead: steps == 0 ? nil : Lookahead(steps: steps, share: share),
      skipLimit: reader.whole("skipNonFinite", default: 0, in: 0...Int.max),
      accumulation: reader.whole("gradientAccumulation", default: 1, in: 1...UpdateTransforms.largestAccumulation))
  }

  private static func averaging(_ reader: SectionReader) -> WeightAveraging {
    let names = ["none", "exponential", "stochastic"]
    let decay = reader.float("averageDecay", default: 0.999)
    let first = reader.whole("averageFrom", default: 1, in: 1...Int.max)
    let averaging = reader.choice("average", default: WeightAveraging.none, among: names) { name -> WeightAveraging? in
      switch name {
      case "none": WeightAveraging.none
      case "exponential": .exponential(decay: decay)
      case "stochastic": .stochastic(firstEpoch: first)
      default: nil
      }
    }
    return averaging ?? .none
  }
}
