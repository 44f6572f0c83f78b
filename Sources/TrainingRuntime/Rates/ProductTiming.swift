/// How long one of the three products takes on one core, drawn through a few measured shapes.
///
/// A product runs register tiles of about 12 rows and 32 lanes; a tile walks the whole reduction. So
///
///     seconds = tiles · (tileSeconds + depth · max(rows of a tile · rowSeconds, stepSeconds))
///
/// where the first term rules narrow layers, the second few rows, and neither the bulk. Operands beyond the second-level
/// cache stretch it by `beyondCache`.
package struct ProductTiming: Sendable, Hashable {
  /// Seconds of a tile besides its reduction: the call, start values, the activation, stores.
  package var tileSeconds: Double
  /// Seconds of a reduction step for each row of a tile.
  package var rowSeconds: Double
  /// Seconds of a reduction step at least, however few the rows: the latency of a multiply-add.
  package var stepSeconds: Double
  /// How much longer it takes with operands beyond the second-level cache, 1 at least.
  package var beyondCache: Double

  package init(tileSeconds: Double, rowSeconds: Double, stepSeconds: Double, beyondCache: Double) {
    self.tileSeconds = tileSeconds
    self.rowSeconds = rowSeconds
    self.stepSeconds = stepSeconds
    self.beyondCache = beyondCache
  }

  /// A product that takes `share` of the time.
  func scaled(by share: Double) -> ProductTiming {
    ProductTiming(
      tileSeconds: share * tileSeconds, rowSeconds: share * rowSeconds, stepSeconds: share * stepSeconds,
      beyondCache: beyondCache)
  }

  /// Rows of the tiles that the probes time and the prediction counts.
  package static let tileRows = 12

  /// Seconds of `rows` × 32 lanes with a reduction over `depth`.
  package func seconds(rows: Int, depth: Int, exceedsCache: Bool) -> Double {
    guard rows > 0 else { return 0 }
    let tiles = max(1, Double(rows) / Double(Self.tileRows))
    let step = max(Double(rows) / tiles * rowSeconds, stepSeconds)
    return tiles * (tileSeconds + Double(depth) * step) * (exceedsCache ? beyondCache : 1)
  }

  /// GFLOP/s of such a product.
  package func gflops(rows: Int, depth: Int, exceedsCache: Bool = false) -> Double {
    64e-9 * Double(rows) * Double(depth) / seconds(rows: rows, depth: depth, exceedsCache: exceedsCache)
  }
}
