/// Rows piece by piece, in their order, for those who read all of them once.
///
/// What a mapped file gave for a piece goes back to the system when the next one is asked for, so a pass over it takes
/// little memory. Features in memory are one piece.
package struct RowPieces: Sequence, IteratorProtocol {
  private let features: FeatureStorage
  private let rows: [UInt32]
  private let rowLimit: Int
  private var piece: Range<Int>

  init(_ features: FeatureStorage, rows: [UInt32], rowLimit: Int) {
    self.features = features
    self.rows = rows
    let rowsAtOnce = features.file == nil ? rows.count : SampleStorage<UInt8>.pieceByteCount / features.rowByteCount
    self.rowLimit = Swift.max(1, Swift.min(rowLimit, rowsAtOnce))
    piece = 0..<0
  }

  package mutating func next() -> ArraySlice<UInt32>? {
    release()
    piece = piece.upperBound..<Swift.min(piece.upperBound + rowLimit, rows.count)
    return piece.isEmpty ? nil : rows[piece]
  }

  private func release() {
    guard features.file != nil, let first = rows[piece].min(), let last = rows[piece].max() else { return }
    features.release(rows: Int(first)..<Int(last) + 1)
  }
}

extension FeatureStorage {
  /// The rows of `rows` piece by piece, none with more than `rowLimit`.
  package func pieces(of rows: [UInt32], rowLimit: Int = .max) -> RowPieces {
    RowPieces(self, rows: rows, rowLimit: rowLimit)
  }
}
