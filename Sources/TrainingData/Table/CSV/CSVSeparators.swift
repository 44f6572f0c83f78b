import CTextScan

/// Where delimiters and line ends are, found for a stretch of text at a time.
final class CSVSeparators {
  /// Bytes of a stretch: with their positions, what a core's first cache holds.
  private static let stretch = 4096

  private struct State {
    let positions: UnsafeMutablePointer<UInt32>
    var count = 0, cursor = 0
    /// Where the stretch begins and ends.
    var start = 0, end = 0
  }

  /// Behind a pointer, so that an access is one and is not looked over by the language for others at the same time.
  private let state: UnsafeMutablePointer<State>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State(positions: .allocate(capacity: Self.stretch + 8)))
  }

  deinit {
    state.pointee.positions.deallocate()
    state.deallocate()
  }

  /// Forgets the text.
  func reset() { state.pointee = State(positions: state.pointee.positions) }

  /// The first separator at or behind a position, which is not before the last one that was asked for.
  ///
  /// Quotes are not heeded: what is between two of them has its separators too.
  @inline(__always)
  func next(from position: Int, in scanner: CSVScanner) -> Int {
    while state.pointee.cursor < state.pointee.count {
      let separator = state.pointee.start + Int(state.pointee.positions[state.pointee.cursor])
      if separator >= position { return separator }
      state.pointee.cursor += 1
    }
    return search(from: position, in: scanner)
  }

  @inline(never)
  private func search(from position: Int, in scanner: CSVScanner) -> Int {
    state.pointee.end = max(state.pointee.end, position)
    while state.pointee.end < scanner.count {
      let start = state.pointee.end, length = min(Self.stretch, scanner.count - start)
      let count = text_scan_separators(scanner.bytes + start, length, scanner.delimiter, state.pointee.positions)
      state.pointee = State(positions: state.pointee.positions, count: count, start: start, end: start + length)
      if count > 0 { return start + Int(state.pointee.positions[0]) }
    }
    // The line feed behind the text.
    return scanner.count
  }
}
