import Fascicle
import RunConfiguration

/// What reports say of checkpoints.
enum CheckpointLines {
  /// Where and when states are kept.
  static func plan(_ checkpoint: CheckpointConfiguration) -> String {
    let rule = checkpoint.rule
    let spans = [
      rule.everySteps.map { "every \(NumberFormat.grouped($0)) \($0 == 1 ? "step" : "steps")" },
      rule.everyMinutes.map { "every \(NumberFormat.duration($0 * 60))" },
      rule.everyEpochs.map { $0 == 1 ? "every epoch" : "every \(NumberFormat.grouped($0)) epochs" },
    ].compactMap { $0 }
    let times = spans.isEmpty ? "at the end" : spans.joined(separator: ", ")
    return "\(times) into \(checkpoint.folder ?? ""); the last \(checkpoint.keepLast)"
      + (rule.keepsBest ? " and the best stay" : " stay")
  }

  /// What became of them, and what training waited for it.
  static func results(_ account: CheckpointAccount, seconds: Double) -> [String] {
    var lines: [String] = []
    if let latest = account.latest {
      lines.append(
        "\(NumberFormat.grouped(account.count)) of \(formatBytes(latest.byteCount)), the last \(latest.name); "
          + "training waited \(NumberFormat.percent(account.copyPercent(of: seconds) / 100, decimals: 2)) of its time "
          + "for copies, and \(NumberFormat.duration(account.waitedSeconds - account.copySeconds)) at the end")
    }
    if account.failureCount > 0 {
      lines.append("\(NumberFormat.grouped(account.failureCount)) could not be written")
    }
    return lines
  }
}

extension CheckpointAccount {
  /// The share of a run's seconds that training waited for copies, in percent.
  func copyPercent(of seconds: Double) -> Double { seconds > 0 ? 100 * copySeconds / seconds : 0 }
}
