import Testing
import TrainingData

struct StratifiedSplitTests {
  /// Labels with so many samples of each class, mixed.
  private func samples(_ counts: [Int]) throws -> DataSubset {
    var labels: [Int] = [], left = counts
    while labels.count < counts.reduce(0, +) {
      for index in left.indices where left[index] > 0 {
        labels.append(index)
        left[index] -= 1
      }
    }
    return DataSubset(
      allOf: try Dataset(
        features: [Float](repeating: 0, count: labels.count), featureCount: 1, labels: labels, classCount: counts.count,
        name: "kinds"))
  }

  private func counts(_ data: DataSubset, classes: Int) -> [Int] {
    guard case .classes(_, let labels) = data.dataset.targets else { return [] }
    return (0..<classes).map { index in data.rows.count { labels[Int($0)] == index } }
  }

  @Test(arguments: [
    ([100, 50, 10], 0.1, [10, 5, 1]), ([7, 7, 7], 1.0 / 3, [3, 2, 2]), ([97, 2, 1], 0.5, [49, 1, 0]),
    ([1, 1, 8], 0.2, [0, 0, 2]), ([5, 0, 5], 0.4, [2, 0, 2]), ([1, 1], 0.5, [1, 0]),
  ])
  func everyClassGivesItsShare(sizes: [Int], fraction: Double, heldOut: [Int]) throws {
    let data = try samples(sizes)
    let parts = try data.stratifiedSplit(validationFraction: fraction, seed: 7)
    #expect(counts(parts.validation, classes: sizes.count) == heldOut)
    #expect((parts.training.rows + parts.validation.rows).sorted() == data.rows)
    #expect(parts.training.rows == parts.training.rows.sorted())
    #expect(
      try data.split(validationFraction: fraction, seed: 7).validation.sampleCount == parts.validation.sampleCount)
    #expect(try data.stratifiedSplit(validationFraction: fraction, seed: 7).validation.rows == parts.validation.rows)
  }

  @Test func anotherSeedHoldsOutOtherRows() throws {
    let data = try samples([50, 50])
    let parts = try [1, 2].map { try data.stratifiedSplit(validationFraction: 0.2, seed: $0).validation.rows }
    #expect(parts[0] != parts[1])
  }

  @Test(arguments: [false, true]) func foldsCoverAllSamplesOnceAndAreOfOneSize(stratified: Bool) throws {
    let data = try samples([23, 11, 7])
    let folds = try data.folds(4, seed: 3, stratified: stratified)
    #expect(folds.flatMap(\.validation.rows).sorted() == data.rows)
    for fold in folds {
      #expect((fold.training.rows + fold.validation.rows).sorted() == data.rows)
      #expect((10...11).contains(fold.validation.sampleCount))
      guard stratified else { continue }
      let shares = counts(fold.validation, classes: 3)
      for (share, size) in zip(shares, [23, 11, 7]) { #expect(abs(Double(share) - Double(size) / 4) < 1) }
    }
    #expect(try data.folds(4, seed: 4, stratified: stratified).map(\.validation.rows) != folds.map(\.validation.rows))
  }

  @Test func whatCannotBeDividedIsRefused() throws {
    let data = try samples([3, 3])
    let values = DataSubset(
      allOf: try Dataset(features: [1, 2] as [Float], featureCount: 1, targets: [1, 2], targetCount: 1, name: "curve"))
    func message(_ body: () throws -> Void) -> String? {
      #expect(throws: TrainingDataError.self) { try body() }?.description
    }
    let refusal = "curve has target values, so there are no classes to divide evenly; divide at random instead"
    #expect(message { _ = try values.stratifiedSplit(validationFraction: 0.5, seed: 1) } == refusal)
    #expect(message { _ = try values.folds(2, seed: 1, stratified: true) } == refusal)
    for count in [-1, 0, 1, 7] {
      #expect(
        message { _ = try data.folds(count, seed: 1) }
          == "kinds: expected 2 to 6 folds, one sample in each at least, got \(count)")
    }
    #expect(throws: TrainingDataError.self) { try data.stratifiedSplit(validationFraction: 1, seed: 1) }
  }
}
