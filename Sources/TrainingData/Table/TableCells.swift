import Glibc

/// The cells of a table, row-major: written once, then only read.
///
/// - Concurrency: rows may be written by different threads while nobody asks for more room; safe to share once the reader has
///   handed it over, because nothing writes any more.
final class TableCells: @unchecked Sendable {
  /// Cells of a row.
  let width: Int
  /// Rows that there is room for.
  private(set) var capacity = 0
  private(set) var values: UnsafeMutablePointer<Float>

  /// Takes no memory yet.
  ///
  /// - Throws: `.outOfMemory`.
  init(width: Int) throws(TrainingDataError) {
    guard let memory = malloc(1) else { throw Self.noMemory(rows: 0) }
    self.width = width
    values = memory.bindMemory(to: Float.self, capacity: 0)
  }

  deinit { free(values) }

  /// Takes memory for so many rows, twice as much as before at least; what is never written takes none.
  ///
  /// - Throws: `.outOfMemory`.
  func reserve(rows: Int) throws(TrainingDataError) {
    guard rows > capacity else { return }
    let wanted = max(rows, 2 * capacity)
    let (count, overflows) = max(1, width).multipliedReportingOverflow(by: wanted)
    // The system moves pages rather than bytes where the memory is large.
    guard !overflows, count <= Int.max / MemoryLayout<Float>.stride,
      let memory = realloc(values, count * MemoryLayout<Float>.stride)
    else { throw Self.noMemory(rows: wanted) }
    values = memory.bindMemory(to: Float.self, capacity: count)
    capacity = wanted
  }

  /// Moves rows to an earlier place.
  func move(rows: Range<Int>, to first: Int) {
    memmove(values + first * width, values + rows.lowerBound * width, rows.count * width * MemoryLayout<Float>.stride)
  }

  private static func noMemory(rows: Int) -> TrainingDataError {
    TrainingDataError(.outOfMemory, "no memory for the \(rows) rows of a table")
  }

  subscript(row: Int, slot: Int) -> Float { values[row * width + slot] }
}
