import Glibc

/// A zeroed block of bytes, owned by this object and freed with it.
///
/// Blocks start on a 64-byte boundary; blocks of 4 MiB and more on a 2 MiB boundary, with huge pages asked for. The
/// memory comes from the C library, so that a refusal is an error to report: Swift's own allocations would abort.
///
/// - Concurrency: the object is immutable; who may touch which bytes when is its owner's contract.
public final class AlignedStorage: @unchecked Sendable {
  /// The first byte.
  public let baseAddress: UnsafeMutableRawPointer
  /// How many bytes the owner may touch.
  public let byteCount: Int

  /// Takes `byteCount` zeroed bytes.
  ///
  /// - Throws: ``NeuronKernelsError`` with code `outOfMemory` when the system refuses.
  public init(byteCount: Int) throws(NeuronKernelsError) {
    let hugePage = 2 << 20
    let alignment = byteCount >= 2 * hugePage ? hugePage : 64
    var address: UnsafeMutableRawPointer?
    guard byteCount >= 0, posix_memalign(&address, alignment, max(byteCount, 64)) == 0, let address else {
      throw .refused(byteCount: byteCount)
    }
    if alignment == hugePage { madvise(address, byteCount, MADV_HUGEPAGE) }
    memset(address, 0, max(byteCount, 64))
    self.baseAddress = address
    self.byteCount = byteCount
  }

  deinit { free(baseAddress) }
}
