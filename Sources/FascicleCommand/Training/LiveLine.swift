import Fascicle

/// The line that tells how far an epoch is while it runs.
package enum LiveLine {
  private static let barWidth = 16

  /// Epoch, bar, loss, rate and the time that the run still takes at this rate.
  package static func text(_ progress: EpochProgress, samplesPerEpoch: Int) -> String {
    let share = progress.stepCount > 0 ? Double(progress.step) / Double(progress.stepCount) : 0
    let otherEpochs = Double(progress.epochCount - progress.epoch)
    let epochSeconds = progress.samplesPerSecond > 0 ? Double(samplesPerEpoch) / progress.samplesPerSecond : .infinity
    let secondsLeft = progress.secondsLeft + (otherEpochs > 0 ? otherEpochs * epochSeconds : 0)
    return [
      "\(progress.epoch)/\(progress.epochCount)", bar(share),
      progress.trainLoss.isFinite ? "loss \(NumberFormat.loss(progress.trainLoss))" : "",
      "\(NumberFormat.rate(progress.samplesPerSecond)) samples/s", "\(NumberFormat.duration(secondsLeft)) left",
    ].filter { !$0.isEmpty }.joined(separator: "  ")
  }

  private static func bar(_ share: Double) -> String {
    let filled = Int((min(max(share, 0), 1) * Double(barWidth)).rounded(.down))
    return String(repeating: "━", count: filled) + String(repeating: "─", count: barWidth - filled)
  }
}
