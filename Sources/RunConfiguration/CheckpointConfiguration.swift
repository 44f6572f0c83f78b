import Fascicle

/// Where, when and how many states of a run are kept.
public struct CheckpointConfiguration: Sendable, Hashable {
  /// The folder; nil for `checkpoints` in the folder that the run's results go to.
  public var folder: String?
  /// When.
  public var rule = CheckpointRule()
  /// How many of the latest stay, besides the best.
  public var keepLast = 3

  /// A state at every epoch's end.
  public init() {}
}

extension CheckpointConfiguration {
  /// Reads `checkpoint`: `none`, or a section whose keys all have defaults.
  static func read(_ reader: SectionReader) -> CheckpointConfiguration? {
    guard let node = reader.node("checkpoint") else { return nil }
    if case .scalar("none", _) = node.value { return nil }
    let section = reader.section("checkpoint", example: "folder: checkpoints")
    guard section.isSection else { return nil }
    var configuration = CheckpointConfiguration()
    let standard = CheckpointRule()
    configuration.folder = section.path("folder")
    configuration.rule = CheckpointRule(
      everySteps: section.wholeOrNone("everySteps", default: standard.everySteps),
      everyMinutes: section.realOrNone("everyMinutes"),
      everyEpochs: section.wholeOrNone("everyEpochs", default: standard.everyEpochs),
      keepsBest: section.flag("keepBest", default: standard.keepsBest),
      onError: section.choice("onError", default: standard.onError))
    configuration.keepLast = section.whole("keepLast", default: configuration.keepLast, in: 1...1_000_000)
    section.finish()
    return configuration
  }

  /// The settings as a section.
  var tree: ConfigurationTree {
    func span(_ count: Int?) -> ConfigurationTree { count.map { .whole(UInt64(max(0, $0))) } ?? .text("none") }
    return .section(
      (folder.map { [.init("folder", .text($0))] } ?? []) + [
        .init("everySteps", span(rule.everySteps)),
        .init("everyMinutes", rule.everyMinutes.map { .real($0) } ?? .text("none")),
        .init("everyEpochs", span(rule.everyEpochs)), .init("keepLast", .whole(UInt64(max(0, keepLast)))),
        .init("keepBest", .flag(rule.keepsBest)), .init("onError", .text(rule.onError.rawValue)),
      ])
  }
}

extension SectionReader {
  /// A whole number from 1 on, or `none`.
  fileprivate func wholeOrNone(_ key: String, default standard: Int?) -> Int? {
    guard let node = node(key) else { return standard }
    if case .scalar("none", _) = node.value { return nil }
    return whole(key, default: 1, in: 1...1_000_000_000)
  }

  /// A number above 0, or `none`.
  fileprivate func realOrNone(_ key: String) -> Double? {
    guard let node = node(key) else { return nil }
    if case .scalar("none", _) = node.value { return nil }
    return real(key, default: 1, expected: "a number above 0 or none") { $0 > 0 }
  }
}
