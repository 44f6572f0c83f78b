/// Rows of text in columns as wide as their widest cell.
package struct TextTable {
  /// On which side of a column its cells stand.
  package enum Alignment: Sendable {
    case left, right
  }

  private let alignments: [Alignment]
  private var rows: [[String]] = []
  /// Blanks between columns.
  private let gap = "   "

  /// A table with these columns; a row may be shorter.
  package init(_ alignments: [Alignment]) { self.alignments = alignments }

  /// Adds a row below the others.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The rows as lines, without blanks at their ends.
  package var lines: [String] {
    let widths = alignments.indices.map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        Self.pad(cell, to: widths[column], alignments[column])
      }
      let line = cells.joined(separator: gap)
      return String(
        line.prefix(line.lastIndex { $0 != " " }.map { line.distance(from: line.startIndex, to: $0) + 1 } ?? 0))
    }
  }

  /// `text` with blanks up to `width`.
  package static func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return alignment == .left ? text + blanks : blanks + text
  }
}
