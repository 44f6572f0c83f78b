import Synchronization

/// The far rows that were found last, since a run asks before it begins and again where it goes wrong.
final class FarRowMemory: Sendable {
  private struct Answer {
    var rows: [UInt32]
    var columns: Set<Int>
    var found: [FarRow]
  }

  private let last = Mutex<Answer?>(nil)

  /// The answer for the same rows and columns as the last time, or a new one.
  func recall(_ rows: [UInt32], leaving columns: Set<Int>, orFind find: () -> [FarRow]) -> [FarRow] {
    let known = last.withLock { $0?.rows == rows && $0?.columns == columns ? $0?.found : nil }
    if let known { return known }
    let found = find()
    last.withLock { $0 = Answer(rows: rows, columns: columns, found: found) }
    return found
  }
}
