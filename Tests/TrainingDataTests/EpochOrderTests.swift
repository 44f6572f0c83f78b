import NeuronKernels
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

  @Test(arguments: [(1797, 1), (1797, 64), (1797, 100), (1797, 640), (1797, 1796), (2, 1), (65, 64)])
  func everyEpochInWindowsVisitsEveryRowOnce(count: Int, window: Int) {
    for epoch in 0..<3 {
      let visited = order(count, epoch: epoch, EpochOrder(seed: 7, window: window))
      #expect(visited.sorted() == (0..<count).map { UInt32($0) })
      #expect(visited != order(count, epoch: epoch + 1, EpochOrder(seed: 7, window: window)) || count == 2)
    }
  }

  @Test func aWindowAsLargeAsTheRowsIsNone() {
    for window in [1797, 1798, 1 << 32] {
      #expect(order(1797, epoch: 3, EpochOrder(seed: 7, window: window)) == order(1797, epoch: 3, EpochOrder(seed: 7)))
    }
  }

  /// Blocks of ten rows: each lies in one window, or in two where a window ends within it, and comes from anywhere.
  @Test func aWindowHoldsBlocksOfNeighbours() {
    let window = 10 * EpochOrder.blocksInWindow, count = 20 * window
    let visited = order(count, epoch: 0, EpochOrder(seed: 5, window: window))
    var means: [Double] = []
    for first in stride(from: 0, to: count, by: window) {
      let rows = visited[first..<first + window]
      #expect(Set(rows.map { $0 / 10 }).count == EpochOrder.blocksInWindow)
      means.append(rows.reduce(0) { $0 + Double($1) } / Double(window))
      #expect(Array(rows) != rows.sorted())
    }
    // The mean of 64 blocks drawn from all has a standard deviation of count / √(12 · 64), a 28th of it.
    #expect(means.allSatisfy { abs($0 - Double(count) / 2) < Double(count) / 28 * 4 }, "\(means)")
  }

  /// The same generator, drawn from by hand: blocks first, then the windows in turn.
  @Test func theOrderInWindowsIsTheOneThatIsDescribed() {
    let window = 128, count = 300
    var generator = PhiloxStream(seed: 9, purpose: .epochOrder, index: 4)
    func shuffled(_ values: [UInt32]) -> [UInt32] {
      var values = values
      for last in stride(from: values.count - 1, to: 0, by: -1) {
        values.swapAt(last, Int(generator.next(below: UInt32(last + 1))))
      }
      return values
    }
    let blocks = shuffled((0..<150).map { UInt32($0) }).flatMap { [2 * $0, 2 * $0 + 1] }
    let windows = [0..<128, 128..<256, 256..<300].map { shuffled(Array(blocks[$0])) }
    #expect(order(count, epoch: 4, EpochOrder(seed: 9, window: window)) == windows.flatMap { $0 })
  }
}
