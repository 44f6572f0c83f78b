import Fascicle

/// What a reader should know before believing a measurement.
package enum MeasurementWarnings {
  /// Other programs' share of the processors above which they are worth a warning; a quiet machine stays below 1 %.
  package static let othersLimit = 0.03
  /// The repeats' largest less smallest, as a share of their median, above which the median means little.
  package static let spreadLimit = 0.1

  /// Judges a measurement by what the host did meanwhile, and by how far its repeats lie apart.
  ///
  /// - Parameters:
  ///   - before: the host when it began; `nil` where the kernel does not tell.
  ///   - after: the host when it ended.
  ///   - relativeSpread: the repeats' largest less smallest, as a share of their median.
  /// - Returns: A sentence, without its full stop, for each thing wrong; none for a sound measurement.
  package static func sentences(
    from before: HostActivity?, to after: HostActivity?, relativeSpread: Double
  ) -> [String] {
    var sentences: [String] = []
    if let before, let after {
      sentences = [throttling(from: before, to: after), others(from: before, to: after)].compactMap { $0 }
    }
    if relativeSpread > spreadLimit {
      sentences.append(
        "the repeats differ by \(percent(relativeSpread)) of their median, where \(percent(spreadLimit)) is fair; "
          + "measure longer, or when the machine is quiet")
    }
    return sentences
  }

  private static func throttling(from before: HostActivity, to after: HostActivity) -> String? {
    guard let earlier = before.throttling, let later = after.throttling else { return nil }
    let throttling = later.since(earlier)
    guard throttling.periodCount > 0 else { return nil }
    return "the control group's CPU quota stopped this process in \(throttling.periodCount) "
      + "\(throttling.periodCount == 1 ? "period" : "periods"), for "
      + "\(NumberFormat.duration(throttling.duration / .seconds(1))) in all; raise the quota, or use fewer workers"
  }

  private static func others(from before: HostActivity, to after: HostActivity) -> String? {
    let share = after.shareOfOthers(since: before)
    guard share > othersLimit else { return nil }
    let processors = after.processorCount == 1 ? "the processor" : "the \(after.processorCount) processors"
    return "other programs had \(percent(share)) of \(processors); stop them and measure again"
  }

  private static func percent(_ share: Double) -> String { NumberFormat.percent(share, decimals: 0) }
}

/// Watches the host from its making on.
struct MeasurementWatch {
  private let before = HostActivity.current()

  /// What is wrong with the measurement that has just ended, as sentences, after telling standard error of it.
  ///
  /// - Parameters:
  ///   - what: what was measured, as in `tiny, 1 worker`.
  ///   - relativeSpread: the repeats' largest less smallest, as a share of their median; 0 where nothing was repeated.
  func warnings(of what: String, relativeSpread: Double = 0) -> [String] {
    let sentences = MeasurementWarnings.sentences(from: before, to: .current(), relativeSpread: relativeSpread)
    StandardError.write(sentences.map { "warning: \(what): \($0)\n" }.joined())
    return sentences
  }

  /// As in `1 worker`.
  static func workers(_ count: Int) -> String { "\(count) \(count == 1 ? "worker" : "workers")" }
}

extension StepBenchmarkResult {
  /// The repeats' largest less smallest, as a share of their median.
  var relativeSpread: Double { samplesPerSecondSpread / samplesPerSecond }
}

extension JSONValue {
  /// The field `warnings` of every measurement.
  static func warnings(_ sentences: [String]) -> JSONValue { .list(sentences.map { .text($0) }) }
}
