import Fascicle

/// The line that tells, on a terminal, how much of a table has been read, when that lasts longer than a second.
final class ReadingLine {
  private let isShown: Bool
  private let start = MonotonicTime.nanoseconds()
  private var lastPercent = -1

  init(isQuiet: Bool) { isShown = !isQuiet && Terminal.standardError.canRewrite }

  /// Tells a part of 1 that has been read.
  func show(_ done: Double) {
    let percent = Int(min(max(done, 0), 1) * 100)
    guard isShown, percent != lastPercent, MonotonicTime.nanoseconds() - start > 1_000_000_000 else { return }
    lastPercent = percent
    StandardError.write("\rreading the data \(percent) %\u{1b}[K")
  }

  /// Takes the line away.
  func end() { if lastPercent >= 0 { StandardError.write("\r\u{1b}[K") } }
}
