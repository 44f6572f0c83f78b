import NeuronKernels
import Testing

@Suite("Projections")
struct ProjectionTests {
  /// What is left of `vectors` of `length` doubles without their parts along `basis`, by one instruction set.
  private func project(_ set: InstructionSet, _ vectors: [Double], _ basis: [Double], length: Int) -> [Double] {
    var vectors = vectors
    let count = vectors.count / length, basisCount = basis.count / length
    var overlaps = [Double](repeating: .nan, count: count * basisCount + 1)
    vectors.withUnsafeMutableBufferPointer { vectors in
      overlaps.withUnsafeMutableBufferPointer { overlaps in
        basis.withUnsafeBufferPointer { basis in
          guard let first = vectors.baseAddress, let others = basis.baseAddress, let room = overlaps.baseAddress else {
            return
          }
          set.project(
            length: length, vectors: first, count: count, basis: others, basisCount: basisCount, overlaps: room)
        }
      }
    }
    #expect(overlaps[count * basisCount].isNaN, "written beyond the end")
    return vectors
  }

  @Test("have the same bits on every instruction set, and follow their equation", arguments: [8, 512, 520, 1032])
  func agreement(length: Int) throws {
    var random = TestRandom(seed: length)
    for count in [1, 2, 3, 4, 5, 7, 64] {
      for basisCount in [1, 3, 4, 5, 63, 64] {
        let vectors = random.floats(count * length).map { Double($0) * 1.1 }
        let basis = random.floats(basisCount * length).map { Double($0) / 9 }
        let expected = project(.reference, vectors, basis, length: length)
        for set in InstructionSet.runnable {
          #expect(project(set, vectors, basis, length: length) == expected, "\(set), \(count) along \(basisCount)")
        }
        let row = Array(vectors[(count - 1) * length..<count * length])
        var exact = row[length - 3]
        for j in 0..<basisCount {
          let other = Array(basis[j * length..<(j + 1) * length])
          var overlap = 0.0
          for (a, b) in zip(row, other) { overlap += a * b }
          exact -= overlap * other[length - 3]
        }
        #expect(abs(expected[count * length - 3] - exact) < 1e-11 * Double(basisCount))
      }
    }
  }
}
