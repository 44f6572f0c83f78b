import Testing
import TrainingData

struct MinibatchRangesTests {
  @Test func theLastMinibatchMayBeSmaller() throws {
    #expect(try Array(MinibatchRanges(sampleCount: 10, batchSize: 4)) == [0..<4, 4..<8, 8..<10])
    #expect(try Array(MinibatchRanges(sampleCount: 8, batchSize: 4)) == [0..<4, 4..<8])
  }

  @Test func aBatchLargerThanTheSetIsTheWholeSet() throws {
    #expect(try Array(MinibatchRanges(sampleCount: 3, batchSize: 4)) == [0..<3])
    #expect(try Array(MinibatchRanges(sampleCount: 3, batchSize: .max)) == [0..<3])
    #expect(try Array(MinibatchRanges(sampleCount: 1, batchSize: 1)) == [0..<1])
  }

  @Test func noSamplesMakeNoMinibatch() throws {
    #expect(try MinibatchRanges(sampleCount: 0, batchSize: 4).isEmpty)
  }

  @Test(arguments: 1...40)
  func minibatchesCoverEverySampleOnce(batchSize: Int) throws {
    let ranges = try MinibatchRanges(sampleCount: 37, batchSize: batchSize)
    #expect(ranges.flatMap { Array($0) } == Array(0..<37))
    #expect(ranges.dropLast().allSatisfy { $0.count == batchSize })
  }

  @Test(arguments: [0, -1, Int.min])
  func theBatchSizeMustBePositive(batchSize: Int) {
    #expect(dataError { _ = try MinibatchRanges(sampleCount: 3, batchSize: batchSize) }?.code == .invalidArgument)
    #expect(dataError { _ = try MinibatchRanges(sampleCount: -1, batchSize: 1) }?.code == .invalidArgument)
  }
}
