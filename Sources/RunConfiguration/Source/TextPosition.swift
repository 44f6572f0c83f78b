/// A line and a column, both from 1, columns counting Unicode scalars as libyaml does.
struct TextPosition: Sendable, Hashable {
  var line: Int
  var column: Int

  init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The position of a byte of `text`.
  init(utf8Offset: Int, in text: String) {
    let before = text.utf8.prefix(utf8Offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map(before.index(after:)) ?? before.startIndex
    // Continuation bytes begin with the bits 10 and belong to the scalar before them.
    let scalarCount = before[lineStart...].count { $0 & 0b1100_0000 != 0b1000_0000 }
    self.init(line: 1 + before.count { $0 == UInt8(ascii: "\n") }, column: 1 + scalarCount)
  }
}
