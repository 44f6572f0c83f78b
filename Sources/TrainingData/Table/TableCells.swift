import Glibc

/// The cells of a table, row-major: written once, row by row, then only read.
///
/// - Concurrency: safe to share, because nothing writes after the reader has handed it over.
final class TableCells: @unchecked Sendable {
  /// Cells of a row.
  let width: Int
  /// Rows that there is room for.
  let capacity: Int
  let values: UnsafeMutablePointer<Float>

  /// Takes memory for so many rows; what is never written takes none.
  ///
  /// - Throws: `.outOfMemory`.
  init(width: Int, capacity: Int) throws(TrainingDataError) {
    let (count, overflows) = max(1, width).multipliedReportingOverflow(by: max(1, capacity))
    guard !overflows, count <= Int.max / MemoryLayout<Float>.stride,
      let memory = malloc(count * MemoryLayout<Float>.stride)
    else { throw TrainingDataError(.outOfMemory, "no memory for the \(capacity) rows of a table") }
    self.width = width
    self.capacity = capacity
    values = memory.bindMemory(to: Float.self, capacity: count)
  }

  deinit { free(values) }

  subscript(row: Int, slot: Int) -> Float { values[row * width + slot] }
}
