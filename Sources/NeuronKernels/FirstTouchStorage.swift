import Glibc

/// Fresh pages of memory, all zero, which the system puts on the memory node of whoever writes to them first.
///
/// ``AlignedStorage`` is zeroed by the thread that takes it, and so lies near that one. This is for blocks that belong to
/// other threads: each of them calls ``touch(part:of:)`` for its part before anyone else writes there. The block starts on
/// a page, or on a 2 MiB boundary with huge pages asked for when it has 4 MiB or more.
///
/// - Concurrency: the object is immutable; who may touch which bytes when is its owner's contract.
package final class FirstTouchStorage: @unchecked Sendable {
  /// The first byte.
  package let baseAddress: UnsafeMutableRawPointer
  /// How many bytes the owner may touch.
  package let byteCount: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappingByteCount: Int

  private static let pageByteCount = 4096
  private static let hugePageByteCount = 2 << 20

  /// Reserves `byteCount` bytes; no page of them exists yet.
  ///
  /// - Throws: ``NeuronKernelsError`` with code `outOfMemory` when the system refuses.
  package init(byteCount: Int) throws(NeuronKernelsError) {
    let isHuge = byteCount >= 2 * Self.hugePageByteCount
    let slack = isHuge ? Self.hugePageByteCount : 0
    guard byteCount >= 0, byteCount < Int.max - Self.hugePageByteCount,
      let address = mmap(
        nil, max(byteCount, 64) + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      address != MAP_FAILED
    else {
      throw .refused(byteCount: byteCount)
    }
    mapping = address
    mappingByteCount = max(byteCount, 64) + slack
    baseAddress = isHuge ? address.alignedUp(toMultipleOf: Self.hugePageByteCount) : address
    self.byteCount = byteCount
    if isHuge { madvise(baseAddress, byteCount, MADV_HUGEPAGE) }
  }

  deinit { munmap(mapping, mappingByteCount) }

  /// Makes part `part` of `parts` exist, near the calling thread.
  ///
  /// - Complexity: one write a page.
  package func touch(part: Int, of parts: Int) {
    let pageCount = (byteCount + Self.pageByteCount - 1) / Self.pageByteCount
    for page in pageCount * part / parts..<pageCount * (part + 1) / parts {
      baseAddress.storeBytes(of: 0, toByteOffset: page * Self.pageByteCount, as: UInt8.self)
    }
  }
}
