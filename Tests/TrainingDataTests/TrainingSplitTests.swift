import Testing
import TrainingData

struct TrainingSplitTests {
  @Test(arguments: [
    (1797, 0.1, 180), (1797, 0.0, 0), (10, 0.25, 3), (100, 0.07, 7), (2, 0.5, 1), (4, 0.1, 1), (3, 0.01, 1),
    (3, 0.6, 2), (60_000, 1.0 / 6, 10_000), (1, 0.0, 0),
  ])
  func theHeldOutPartIsTheFractionRoundedButNotEmpty(count: Int, fraction: Double, heldOut: Int) throws {
    let parts = try TrainingSplit.split(count: count, validationFraction: fraction, seed: 7)
    #expect(parts.validation.count == heldOut)
    #expect((parts.training + parts.validation).sorted() == (0..<count).map { UInt32($0) })
    #expect(parts.training == parts.training.sorted())
    #expect(parts.validation == parts.validation.sorted())
  }

  /// Computed by an independent implementation in Python.
  @Test func theSplitOfASeedNeverChanges() throws {
    #expect(try TrainingSplit.split(count: 20, validationFraction: 0.25, seed: 7).validation == [3, 4, 7, 13, 14])
  }

  @Test func anotherSeedHoldsOutOtherRows() throws {
    let first = try TrainingSplit.split(count: 1000, validationFraction: 0.2, seed: 1)
    let second = try TrainingSplit.split(count: 1000, validationFraction: 0.2, seed: 2)
    #expect(first.validation != second.validation)
  }

  /// 2 of 5 rows, 4,000 times: each row is expected 1,600 times with a standard deviation of 31.
  @Test func everyRowIsHeldOutEquallyOften() throws {
    var counts = [Int](repeating: 0, count: 5)
    for seed in 0..<4000 as Range<UInt64> {
      for row in try TrainingSplit.split(count: 5, validationFraction: 0.4, seed: seed).validation {
        counts[Int(row)] += 1
      }
    }
    #expect(counts.allSatisfy { (1_445...1_755).contains($0) }, "\(counts)")
  }

  @Test(arguments: [(1, 0.1), (2, 0.9), (3, 0.999)])
  func theTrainingPartIsNeverEmpty(count: Int, fraction: Double) {
    let error = dataError { _ = try TrainingSplit.split(count: count, validationFraction: fraction, seed: 1) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("all \(count) samples") == true)
  }

  @Test(arguments: [-0.1, 1, 1.5, .nan, .infinity, -.infinity])
  func fractionsOutsideTheirRangeAreRefused(fraction: Double) {
    let error = dataError { _ = try TrainingSplit.split(count: 10, validationFraction: fraction, seed: 1) }
    #expect(error?.code == .invalidArgument)
  }

  @Test(arguments: [0, -1, Int.max])
  func countsOutsideTheirRangeAreRefused(count: Int) {
    #expect(throws: TrainingDataError.self) {
      try TrainingSplit.split(count: count, validationFraction: 0.1, seed: 1)
    }
  }
}
