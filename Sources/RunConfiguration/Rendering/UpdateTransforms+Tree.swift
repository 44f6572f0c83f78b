import Fascicle

extension GradientClipping {
  /// The four limits, of which one is a number at most.
  var entries: [ConfigurationTree.Entry] {
    [GradientClipping.globalNorm(1), .tensorNorm(1), .value(1), .adaptive(1)].map { kind in
      .init(kind.key, kind.key == key ? limit.map(ConfigurationTree.float) ?? .text("none") : .text("none"))
    }
  }
}

extension UpdateTransforms {
  var entries: [ConfigurationTree.Entry] {
    let standard = Lookahead()
    return [.init("decayed", .text(decayed.rawValue))] + averaging.entries + [
      .init("lookaheadSteps", .whole(UInt64(lookahead?.steps ?? 0))),
      .init("lookaheadShare", .float(lookahead?.share ?? standard.share)),
      .init("skipNonFinite", .whole(UInt64(max(0, skipLimit)))),
      .init("gradientAccumulation", .whole(UInt64(max(0, accumulation)))),
    ]
  }
}

extension WeightAveraging {
  fileprivate var entries: [ConfigurationTree.Entry] {
    switch self {
    case .none:
      [
        .init("average", .text("none")), .init("averageDecay", .float(0.999)), .init("averageFrom", .whole(1)),
      ]
    case .exponential(let decay):
      [
        .init("average", .text("exponential")), .init("averageDecay", .float(decay)), .init("averageFrom", .whole(1)),
      ]
    case .stochastic(let first):
      [
        .init("average", .text("stochastic")), .init("averageDecay", .float(0.999)),
        .init("averageFrom", .whole(UInt64(max(0, first)))),
      ]
    }
  }
}
