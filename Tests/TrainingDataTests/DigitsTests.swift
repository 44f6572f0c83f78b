import Testing
import TrainingData

/// The sums are those that scikit-learn's `load_digits` gives.
struct DigitsTests {
  let digits: Dataset

  init() throws {
    digits = try Dataset.digits()
  }

  @Test func theSetHasItsKnownShape() {
    #expect(digits.sampleCount == 1797)
    #expect(digits.featureShape == [8, 8])
    #expect(digits.features.elementType == .uint8)
    #expect(digits.targets.outputCount == 10)
  }

  @Test func pixelsAddUpToTheKnownSum() {
    let pixels = digits.allFeatures
    #expect(pixels.allSatisfy { (0...16).contains($0) })
    #expect(pixels.reduce(0) { $0 + Int($1) } == 561_718)
  }

  @Test func classesHaveTheirKnownCounts() {
    var counts = [Int](repeating: 0, count: 10)
    for label in digits.allLabels { counts[label] += 1 }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  }

  @Test func theFirstDigitIsTheKnownZero() {
    #expect(digits.allLabels.first == 0)
    #expect(digits.allFeatures[..<16] == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
  }

  /// The same sum with every pixel weighted by its place, so that no two can have changed places.
  @Test func everyPixelIsInItsPlace() {
    let checksum = digits.allFeatures.enumerated().reduce(0 as UInt64) { sum, pixel in
      sum &* 31 &+ UInt64(pixel.element)
    }
    #expect(checksum == 0x5894a9ac9a9e31f0)
  }
}
