import CNeuronKernels

extension InstructionSet {
  /// Takes from vectors their parts along others: vectors := vectors − (vectors·basisᵀ)·basis.
  ///
  /// All overlaps are formed before any vector changes; the bits are those of every instruction set.
  ///
  /// - Parameters:
  ///   - length: doubles of a vector, a multiple of 8 (checked); shorter ones are filled up with zeros.
  ///   - vectors: `count` vectors, row-major, read and written.
  ///   - basis: `basisCount` orthonormal vectors, row-major, none of them among `vectors`.
  ///   - overlaps: room for `count`·`basisCount` doubles.
  /// - Precondition: this CPU can run the instruction set.
  /// - Complexity: 4·`count`·`basisCount`·`length` FLOP; allocates nothing.
  package func project(
    length: Int, vectors: UnsafeMutablePointer<Double>, count: Int, basis: UnsafePointer<Double>, basisCount: Int,
    overlaps: UnsafeMutablePointer<Double>
  ) {
    precondition(length % 8 == 0, "expected a length that is a multiple of 8, got \(length)")
    var projection = nk_projection(
      length: length, count: count, vectors: vectors, basis_count: basisCount, basis: basis, overlaps: overlaps)
    nk_project(cValue, &projection)
  }
}
