import Fascicle

extension EarlyStopping {
  /// Reads `earlyStopping`: `none`, or a section whose keys all have defaults.
  static func read(_ reader: SectionReader) -> EarlyStopping? {
    guard let node = reader.node("earlyStopping") else { return nil }
    if case .scalar("none", _) = node.value { return nil }
    let section = reader.section("earlyStopping", example: "monitor: validation_loss, patience: 5")
    guard section.isSection else { return nil }
    let standard = EarlyStopping()
    let rule = EarlyStopping(
      monitor: section.choice("monitor", default: standard.monitor),
      patience: section.whole("patience", default: standard.patience, in: 1...1_000_000),
      minDelta: section.real("minDelta", default: standard.minDelta, expected: "a number of at least 0") { $0 >= 0 },
      restoreBest: section.flag("restoreBest", default: standard.restoreBest))
    section.finish()
    return rule
  }

  /// The rule as a section.
  var tree: ConfigurationTree {
    .section([
      .init("monitor", .text(monitor.rawValue)), .init("patience", .whole(UInt64(max(0, patience)))),
      .init("minDelta", .real(minDelta)), .init("restoreBest", .flag(restoreBest)),
    ])
  }
}
