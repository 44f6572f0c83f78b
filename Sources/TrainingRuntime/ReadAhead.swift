import TrainingData

/// Keeps of a mapped file what an epoch needs: fetches the next window of its order while one is trained on, and gives back
/// the memory of those behind.
///
/// A hint to the system and nothing else: a row that is not there yet is fetched when a worker touches it. The file is looked
/// at in extents of 128 KiB, the least that the system itself reads ahead.
struct ReadAhead {
  private let features: FeatureStorage
  private let order: UnsafeBufferPointer<UInt32>
  private let window: Int
  private let rowsInExtent: Int
  /// What was fetched and not given back, extent by extent.
  private var isWanted: [Bool]
  /// The first window that was not asked for.
  private var nextWindow = 0

  private static let extentByteCount = 128 << 10

  /// - Parameters:
  ///   - order: the rows as the epoch visits them; borrowed, and as it was for as long as this value is used.
  ///   - window: as in ``EpochOrder``; without one rows come from anywhere, and nothing can be foreseen.
  /// - Returns: nil for features in memory, and without a window.
  init?(_ features: FeatureStorage, order: UnsafeBufferPointer<UInt32>, window: Int?) {
    guard features.isMapped, let window else { return nil }
    self.features = features
    self.order = order
    self.window = window
    rowsInExtent = max(1, Self.extentByteCount / features.rowByteCount)
    isWanted = [Bool](repeating: false, count: (features.sampleCount + rowsInExtent - 1) / rowsInExtent)
  }

  /// Notes that the epoch has come to `sample`, counted in its order.
  ///
  /// - Complexity: O(1) within a window; once for each, O(its rows and the file's extents).
  mutating func advance(to sample: Int) {
    let present = sample / window
    guard present + 2 > nextWindow, nextWindow * window < order.count else { return }
    let extents = isWanted.count
    var stays = [Bool](repeating: false, count: extents)
    for row in order[min(present * window, order.count)..<min((present + 2) * window, order.count)] {
      stays[Int(row) / rowsInExtent] = true
    }
    forEachRun(where: { isWanted[$0] && !stays[$0] }, features.release)
    forEachRun(where: { stays[$0] && !isWanted[$0] }, features.prefetch)
    isWanted = stays
    nextWindow = present + 2
  }

  /// Gives everything back.
  func finish() { features.release(rows: 0..<features.sampleCount) }

  /// Calls `body` with the rows of each run of extents for which `condition` holds.
  private func forEachRun(where condition: (Int) -> Bool, _ body: (Range<Int>) -> Void) {
    var extent = 0
    while extent < isWanted.count {
      let first = extent
      while extent < isWanted.count, condition(extent) { extent += 1 }
      if extent > first {
        body(first * rowsInExtent..<min(extent * rowsInExtent, features.sampleCount))
      }
      extent += 1
    }
  }
}
