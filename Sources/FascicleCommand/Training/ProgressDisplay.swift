import Fascicle

/// Progress on standard error: a row an epoch, and on a terminal a line below it that lives.
struct ProgressDisplay {
  private let terminal: Terminal
  private let samplesPerEpoch: Int
  private var columns = EpochColumns(epochCount: 1, hasValidation: false)
  private var hasHeader = false
  private var isLineLive = false

  init(samplesPerEpoch: Int, terminal: Terminal = .standardError) {
    self.samplesPerEpoch = samplesPerEpoch
    self.terminal = terminal
  }

  mutating func begin(epochCount: Int, hasValidation: Bool) {
    columns = EpochColumns(epochCount: epochCount, hasValidation: hasValidation)
  }

  /// Rewrites the live line; does nothing where lines can't be rewritten.
  mutating func show(_ progress: EpochProgress) {
    guard terminal.canRewrite else { return }
    let line = LiveLine.text(progress, samplesPerEpoch: samplesPerEpoch)
    // A line that wraps could not be erased.
    StandardError.write("\r\u{1b}[K" + terminal.dim(String(line.prefix(max(0, terminal.width - 1)))))
    isLineLive = true
  }

  /// Adds an epoch's row, under a header when it is the first.
  mutating func show(_ report: EpochReport) {
    var text = isLineLive ? "\r\u{1b}[K" : ""
    isLineLive = false
    if !hasHeader { text += "\n" + terminal.dim(columns.header) + "\n" }
    hasHeader = true
    StandardError.write(text + columns.row(report) + "\n")
  }

  /// Adds a sentence between the rows.
  mutating func note(_ text: String) {
    StandardError.write((isLineLive ? "\r\u{1b}[K" : "") + "  \(text)\n")
    isLineLive = false
  }

  /// Leaves a clean line behind.
  mutating func end() {
    if isLineLive { StandardError.write("\r\u{1b}[K") }
    isLineLive = false
  }
}
