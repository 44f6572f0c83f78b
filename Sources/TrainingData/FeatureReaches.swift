/// For each feature its middle, and the few rows that are farthest from it.
struct FeatureReaches {
  /// A row's distance from the middle of one feature.
  private struct Distance {
    var row: UInt32
    var distance: Double
  }

  private let features: FeatureStorage
  private let rows: [UInt32]
  private let values: UnsafePointer<Float>
  private let middles: [Float]
  /// How many rows may be far off.
  private let farLimit: Int
  /// For each feature the farthest rows, farthest first: one more than may be far off.
  private var farthest: [Distance]

  private var placeCount: Int { farLimit + 1 }

  init(_ features: FeatureStorage, rows: [UInt32], of values: UnsafePointer<Float>) {
    self.features = features
    self.rows = rows
    self.values = values
    middles = Self.middles(features, rows: rows, of: values)
    farLimit = min(FarRow.limit, max(1, rows.count / 100))
    farthest = Array(repeating: Distance(row: 0, distance: 0), count: features.featureCount * (farLimit + 1))
  }

  /// The medians over evenly spaced rows, which a few rows far off do not move.
  private static func middles(_ features: FeatureStorage, rows: [UInt32], of values: UnsafePointer<Float>) -> [Float] {
    let count = min(255, rows.count), width = features.featureCount
    let places = (0..<count).map { Int(rows[$0 * rows.count / count]) * width }
    return (0..<width).map { feature in places.map { values[$0 + feature] }.sorted()[count / 2] }
  }

  /// Goes through all rows.
  mutating func measure() {
    // The least distance that still counts, by feature.
    var thresholds = [Float](repeating: 0, count: middles.count)
    let middles = middles, blockLength = Self.blockLength
    thresholds.withUnsafeMutableBufferPointer { thresholds in
      middles.withUnsafeBufferPointer { middles in
        for piece in features.pieces(of: rows) {
          for row in piece {
            let place = values + Int(row) * middles.count
            for first in stride(from: 0, to: middles.count, by: blockLength) {
              let block = first..<min(first + blockLength, middles.count)
              if Self.isBeyond(place, middles, thresholds, block) { note(row, block, thresholds) }
            }
          }
        }
      }
    }
  }

  /// Features that are compared at once.
  private static let blockLength = 16

  /// Whether any feature of a block is farther off than its threshold.
  @inline(__always)  // so that a whole block is a few comparisons of vectors
  private static func isBeyond(
    _ row: UnsafePointer<Float>, _ middles: UnsafeBufferPointer<Float>, _ thresholds: UnsafeMutableBufferPointer<Float>,
    _ block: Range<Int>
  ) -> Bool {
    var count: Int32 = 0
    if block.count == blockLength {
      for lane in 0..<blockLength {
        let feature = block.lowerBound &+ lane
        count &+= abs(row[feature] - middles[feature]) > thresholds[feature] ? 1 : 0
      }
    } else {
      for feature in block { count &+= abs(row[feature] - middles[feature]) > thresholds[feature] ? 1 : 0 }
    }
    return count > 0
  }

  /// Puts a row where it belongs among the farthest of each feature of a block.
  private mutating func note(_ row: UInt32, _ block: Range<Int>, _ thresholds: UnsafeMutableBufferPointer<Float>) {
    for feature in block {
      let value = Double(values[Int(row) * features.featureCount + feature])
      let distance = abs(value - Double(middles[feature])), first = feature * placeCount
      guard distance > farthest[first + placeCount - 1].distance else { continue }
      var place = first + placeCount - 1
      while place > first, farthest[place - 1].distance < distance {
        farthest[place] = farthest[place - 1]
        place -= 1
      }
      farthest[place] = Distance(row: row, distance: distance)
      thresholds[feature] = Float(farthest[first + placeCount - 1].distance)
    }
  }

  /// How far a feature reaches without rows that are far off; where nearly all rows are alike, how far it reaches at all.
  private func usualReach(_ feature: Int) -> Double {
    let first = feature * placeCount, reach = farthest[first + farLimit].distance
    return reach > 0 ? reach : farthest[first].distance
  }

  func farRows(leaving columns: Set<Int>) -> [FarRow] {
    let reaches = middles.indices.filter { !columns.contains($0) }.map(usualReach).filter { $0 > 0 }.sorted()
    guard !reaches.isEmpty else { return [] }
    // What a feature that hardly ever varies is measured by.
    let commonReach = reaches[(reaches.count - 1) / 2]
    var found: [UInt32: FarRow] = [:]
    for feature in middles.indices where !columns.contains(feature) {
      for far in farRows(of: feature, commonReach: commonReach) {
        if far.factor > found[UInt32(far.row)]?.factor ?? 0 { found[UInt32(far.row)] = far }
      }
    }
    let all = found.values.sorted { ($0.factor, $1.row) > ($1.factor, $0.row) }
    return all.count > farLimit ? [] : all
  }

  /// The rows of a feature before the last gap among the farthest that is wide enough.
  private func farRows(of feature: Int, commonReach: Double) -> [FarRow] {
    let places = farthest[feature * placeCount..<(feature + 1) * placeCount].map { $0 }
    func factor(_ place: Int, beside next: Int) -> Double {
      // Of a feature that hardly ever varies, what is usual elsewhere is not far off.
      let reach = places[next].distance
      return places[place].distance / (reach > 0 ? max(reach, commonReach / FarRow.leastFactor) : commonReach)
    }
    guard let last = (0..<farLimit).last(where: { factor($0, beside: $0 + 1) >= FarRow.leastFactor }) else { return [] }
    return (0...last).map { place in
      FarRow(
        row: Int(places[place].row), feature: feature,
        value: values[Int(places[place].row) * features.featureCount + feature], factor: factor(place, beside: last + 1)
      )
    }
  }
}
