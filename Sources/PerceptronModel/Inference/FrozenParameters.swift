import NeuronKernels

/// A network's parameters that no longer change, in the flat vector of its program.
///
/// - Concurrency: may be read by any number of threads.
package final class FrozenParameters: @unchecked Sendable {
  package let program: NetworkProgram
  private let storage: AlignedStorage

  /// Takes a zeroed vector and has `fill` write it.
  ///
  /// - Throws: ``NeuronKernelsError`` when there is no memory, otherwise what `fill` throws.
  package init(_ program: NetworkProgram, filledBy fill: (UnsafeMutablePointer<Float>) throws -> Void) throws {
    self.program = program
    storage = try AlignedStorage(byteCount: program.vectorCount * MemoryLayout<Float>.stride)
    try fill(storage.baseAddress.bindMemory(to: Float.self, capacity: program.vectorCount))
  }

  /// The vector; valid while this object lives.
  package var vector: UnsafePointer<Float> { UnsafePointer(storage.baseAddress.assumingMemoryBound(to: Float.self)) }
}
