/// Lines with a label in front, all texts beginning in one column.
package struct LabelledLines {
  private static let labelWidth = 12
  private let terminal: Terminal
  private var lines: [String] = []

  init(for terminal: Terminal = .standardOutput) { self.terminal = terminal }

  /// Adds texts, the first with the label.
  mutating func add(_ label: String, _ texts: [String]) {
    for (index, text) in texts.enumerated() {
      let label = TextTable.pad(index == 0 ? label : "", to: Self.labelWidth, .left)
      lines.append(terminal.dim(label) + text)
    }
  }

  /// Adds a text with its label.
  mutating func add(_ label: String, _ text: String) { add(label, [text]) }

  /// Adds an empty line.
  mutating func addBlank() { lines.append("") }

  /// All lines, each ended.
  var text: String { lines.map { $0 + "\n" }.joined() }
}
