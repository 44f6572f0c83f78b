import NeuronKernels
import Testing

/// One sum over gradient lanes.
struct GradientLaneCase: KernelCase {
  /// The lanes, all of one length.
  let lanes: [[Float]]
  let first: Int
  let count: Int
  /// Whether the sums take the place of this lane's own values.
  let inPlaceOf: Int?

  var description: String { "\(lanes.count) lanes, \(count) floats from \(first) on, in place of \(inPlaceOf ?? -1)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let buffers = lanes.enumerated().map { index, lane in
      let buffer = memory.watched("lane \(index)", lane)
      if index != inPlaceOf { memory.expectUnchanged("lane \(index)", buffer, lane) }
      return buffer
    }
    let output = memory.output("sums", count)
    let sums = inPlaceOf.map { buffers[$0].pointer + first } ?? output.pointer
    let table = buffers.map { Optional(UnsafePointer($0.pointer)) }
    table.withUnsafeBufferPointer { table in
      kernels.sumGradientLanes(
        table.baseAddress!, laneCount: lanes.count, first: first, count: count, into: sums)
    }
    return memory.result(OutputBlock("sums", (0..<count).map { sums[$0] }))
  }
}

struct GradientLaneTests {
  private static let laneCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64]

  private func laneCase(_ index: Int, laneCount: Int, count: Int, isStrange: Bool = false) -> GradientLaneCase {
    var random = TestRandom(seed: index)
    let first = [0, 16, 48][index % 3]
    let lanes = (0..<laneCount).map { _ in
      // Products have no common grid, so that almost every sum is rounded.
      isStrange
        ? random.strangeFloats(first + count)
        : zip(random.floats(first + count), random.floats(first + count)).map { $0 * $1 }
    }
    return GradientLaneCase(
      lanes: lanes, first: first, count: count, inPlaceOf: index % 2 == 0 ? nil : index % laneCount)
  }

  @Test func sumsOverLanesGiveTheReferenceBits() throws {
    var cases: [GradientLaneCase] = []
    for laneCount in Self.laneCounts {
      for count in [16, 32, 48, 80, 384] {
        for isStrange in [false, true] {
          cases.append(laneCase(cases.count, laneCount: laneCount, count: count, isStrange: isStrange))
        }
      }
    }
    try expectSameBits("sumGradientLanes", cases)
  }

  @Test(arguments: laneCounts) func theReferenceIsTheDocumentedTree(laneCount: Int) throws {
    let lanes = laneCase(laneCount, laneCount: laneCount, count: 48)
    let sums = try lanes.run(on: KernelSet(.reference)).blocks[0].values
    var differsFromPlainSum = false
    for i in 0..<lanes.count {
      // Level by level: neighbours pairwise, one that is left over goes up as it is.
      var level = lanes.lanes.map { $0[lanes.first + i] }
      let plain = level.reduce(0, +)
      while level.count > 1 {
        level = stride(from: 0, to: level.count, by: 2).map { place in
          place + 1 < level.count ? level[place] + level[place + 1] : level[place]
        }
      }
      #expect(Float(sums[i]).bitPattern == level[0].bitPattern)
      differsFromPlainSum = differsFromPlainSum || level[0] != plain
    }
    // The control: another order is told apart.
    if laneCount > 3 { #expect(differsFromPlainSum) }
  }

  @Test(arguments: laneCounts) func theSumIsCloseToTheExactOne(laneCount: Int) throws {
    let lanes = laneCase(laneCount + 100, laneCount: laneCount, count: 160)
    for set in InstructionSet.runnable {
      var worst = WorstError()
      let sums = try lanes.run(on: KernelSet(set)).blocks[0].values
      for i in 0..<lanes.count {
        let terms = lanes.lanes.map { Double($0[lanes.first + i]) }
        // A tree of so many lanes is this deep: the rounding errors of one sum, and no more.
        let depth = (0..<7).first { 1 << $0 >= laneCount } ?? 7
        worst.note(Float(sums[i]), terms: terms, bound: ErrorBounds.gamma(depth))
      }
      worst.expectWithinBound("sumGradientLanes, \(laneCount) lanes, \(set)")
    }
  }
}
