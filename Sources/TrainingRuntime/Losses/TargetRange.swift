import TrainingData

/// The smallest and the largest target of some samples, and where they stand.
struct TargetRange {
  struct Place {
    let value: Float
    let row: UInt32
  }

  private(set) var smallest: Place
  private(set) var largest: Place
  /// The first target that is neither 0 nor 1, and the first that is neither −1 nor 1.
  private(set) var firstBeyondZeroAndOne: Place?
  private(set) var firstBeyondSigns: Place?
  /// The first target that is exactly 0.
  private(set) var firstZero: Place?
  /// The sample whose targets' sum is farthest from 1, and that sum.
  private(set) var farthestSum: (row: UInt32, sum: Double)

  /// Looks at the rows that are chosen; nil where targets are labels or nothing is chosen.
  init?(_ data: DataSubset) {
    guard case .values(let width, let targets) = data.dataset.targets, let first = data.rows.first else { return nil }
    let start = Place(value: targets[Int(first), 0], row: first)
    smallest = start
    largest = start
    farthestSum = (first, 1)
    for row in data.rows {
      var sum = 0.0
      for column in 0..<width {
        let place = Place(value: targets[Int(row), column], row: row)
        note(place)
        sum += Double(place.value)
      }
      if abs(sum - 1) > abs(farthestSum.sum - 1) { farthestSum = (row, sum) }
    }
  }

  private mutating func note(_ place: Place) {
    let value = place.value
    if value < smallest.value { smallest = place }
    if value > largest.value { largest = place }
    if value == 0 { firstZero = firstZero ?? place }
    if value != 0, value != 1 { firstBeyondZeroAndOne = firstBeyondZeroAndOne ?? place }
    if value != -1, value != 1 { firstBeyondSigns = firstBeyondSigns ?? place }
  }
}
