import Testing
import TrainingData

struct EpochOrderTests {
  /// The order of an epoch over 0 ..< count.
  private func order(_ count: Int, epoch: Int, _ epochOrder: EpochOrder) -> [UInt32] {
    var rows = [UInt32](repeating: .max, count: count)
    rows.withUnsafeMutableBufferPointer { epochOrder.write(epoch: epoch, into: $0) }
    return rows
  }

  @Test(arguments: [0, 1, 2, 3, 17, 1797])
  func everyEpochVisitsEveryRowOnce(count: Int) {
    for epoch in 0..<3 {
      #expect(order(count, epoch: epoch, EpochOrder(seed: 7)).sorted() == (0..<count).map { UInt32($0) })
    }
  }

  /// Computed by an independent implementation in Python.
  @Test func theOrderOfASeedNeverChanges() {
    let seven = EpochOrder(seed: 7)
    #expect(order(1797, epoch: 0, seven)[..<8] == [574, 1103, 1088, 97, 248, 541, 220, 1742])
    #expect(order(1797, epoch: 1, seven)[..<8] == [170, 1098, 810, 429, 1028, 1111, 754, 1608])
  }

  @Test func epochsAndSeedsDiffer() {
    let orders = [
      order(100, epoch: 0, EpochOrder(seed: 7)), order(100, epoch: 1, EpochOrder(seed: 7)),
      order(100, epoch: 0, EpochOrder(seed: 8)), order(100, epoch: 4_294_967_295, EpochOrder(seed: 7)),
    ]
    #expect(Set(orders).count == orders.count)
  }

  /// Each of the six orders of three rows is expected 1,000 times with a standard deviation of 29.
  @Test func everyOrderIsEquallyLikely() {
    var counts: [[UInt32]: Int] = [:]
    for epoch in 0..<6000 { counts[order(3, epoch: epoch, EpochOrder(seed: 3)), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { (855...1_145).contains($0) }, "\(counts)")
  }

  @Test func givenRowsAreShuffledAsTheirPositionsAre() {
    let rows: [UInt32] = [40, 10, 10, 30, 70]
    let positions = order(5, epoch: 2, EpochOrder(seed: 7))
    var shuffled = [UInt32](repeating: 0, count: 5)
    shuffled.withUnsafeMutableBufferPointer { EpochOrder(seed: 7).write(rows, epoch: 2, into: $0) }
    #expect(shuffled == positions.map { rows[Int($0)] })
  }

  @Test func theSequentialOrderIsTheListedOne() {
    var visited = [UInt32](repeating: 0, count: 3)
    visited.withUnsafeMutableBufferPointer { EpochOrder.sequential.write([5, 3, 9], epoch: 4, into: $0) }
    #expect(visited == [5, 3, 9])
  }
}
