import Testing
import WorkerTeam

@Suite struct IndexPartitionTests {
  /// In order, without gap or overlap, from zero to `count`.
  private func covers(_ partition: IndexPartition, count: Int) -> Bool {
    partition.flatMap { Array($0) } == Array(0..<count) && partition.first?.lowerBound == 0
      && partition.last?.upperBound == count
      && zip(partition, partition.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
  }

  @Test("a balanced cut covers everything in order, and sizes differ by one at most")
  func balanced() {
    for count in 0...70 {
      for parts in 1...66 {
        let partition = IndexPartition(count: count, parts: parts)
        let sizes = partition.map(\.count)
        #expect(partition.count == parts)
        #expect(covers(partition, count: count))
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        #expect(sizes == sizes.sorted(by: >))
        #expect(
          partition.indices.allSatisfy { IndexPartition.range(ofPart: $0, parts: parts, count: count) == partition[$0] }
        )
      }
    }
  }

  @Test("the worked tables of the documentation hold")
  func workedTables() {
    #expect(Array(IndexPartition(count: 10, parts: 4)) == [0..<3, 3..<6, 6..<8, 8..<10])
    #expect(Array(IndexPartition(count: 8, parts: 4)) == [0..<2, 2..<4, 4..<6, 6..<8])
    #expect(Array(IndexPartition(count: 2, parts: 3)) == [0..<1, 1..<2, 2..<2])
    #expect(Array(IndexPartition(count: 0, parts: 2)) == [0..<0, 0..<0])
    #expect(Array(IndexPartition(costs: [5, 1, 1, 1, 4, 4], parts: 3)) == [0..<1, 1..<5, 5..<6])
  }

  @Test("a weighted cut covers everything, and no part costs more than its share and one item")
  func weighted() {
    var generator = SplitMix(state: 11)
    for _ in 0..<2000 {
      let costs = (0..<Int(generator.next() % 40)).map { _ in Int(generator.next() % 100) }
      let parts = 1 + Int(generator.next() % 12)
      let partition = IndexPartition(costs: costs, parts: parts)
      let total = costs.reduce(0, +)
      #expect(partition.count == parts)
      #expect(covers(partition, count: costs.count))
      for range in partition {
        #expect(costs[range].reduce(0, +) * parts <= total + (costs.max() ?? 0) * parts)
      }
    }
  }

  @Test("equal costs are cut as evenly as no costs")
  func equalCosts() {
    for count in 0...50 {
      for cost in [0, 1, 7] {
        for parts in [1, 2, 3, 7, 60] {
          let sizes = IndexPartition(costs: Array(repeating: cost, count: count), parts: parts).map(\.count)
          #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
          #expect(sizes.reduce(0, +) == count)
        }
      }
    }
  }

  @Test("costs near the end of the number range don't overflow")
  func hugeCosts() {
    let third = Int.max / 3
    #expect(Array(IndexPartition(costs: [third, third, third], parts: 3)) == [0..<1, 1..<2, 2..<3])
    #expect(Array(IndexPartition(costs: [Int.max, 0], parts: 2)).map(\.count).reduce(0, +) == 2)
    #expect(IndexPartition.range(ofPart: 6, parts: 7, count: Int.max).upperBound == Int.max)
  }
}

/// A small seeded generator (Steele, Lea and Flood 2014, SplitMix64).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
