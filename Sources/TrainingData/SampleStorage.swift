import Glibc

/// Memory in which the values of a data set lie: allocated once, filled once, then only read.
///
/// The start is aligned to 64 bytes and the 64 bytes past the end are zeros that may be read, so that a vector load
/// may begin at any element. From 4 MiB on, huge pages are asked for: a minibatch's rows lie anywhere in the set, and with
/// small pages each would begin with a walk through the page tables.
/// - Concurrency: safe to share, because nothing writes after `init`. Pointers are valid while this object lives.
package final class SampleStorage<Element: BitwiseCopyable>: @unchecked Sendable {
  /// How many elements there are, the readable tail not counted.
  package let count: Int
  /// The first element.
  package let baseAddress: UnsafePointer<Element>

  private static var lineByteCount: Int { 64 }
  private static var hugePageByteCount: Int { 2 << 20 }
  private static var readableTail: Int { 64 }

  /// Allocates `count` elements and has `fill` write every one of them.
  ///
  /// - Throws: `.outOfMemory` when the system refuses, otherwise what `fill` throws; nothing stays allocated then.
  package init(
    count: Int, filledBy fill: (UnsafeMutableBufferPointer<Element>) throws(TrainingDataError) -> Void
  ) throws(TrainingDataError) {
    let (byteCount, overflows) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    let (paddedByteCount, paddingOverflows) = byteCount.addingReportingOverflow(Self.readableTail)
    let wantsHugePages = paddedByteCount >= 2 * Self.hugePageByteCount
    let alignment = wantsHugePages ? Self.hugePageByteCount : Self.lineByteCount
    var allocation: UnsafeMutableRawPointer?
    guard count >= 0, !overflows, !paddingOverflows,
      posix_memalign(&allocation, alignment, paddedByteCount) == 0, let allocation
    else {
      throw TrainingDataError(.outOfMemory, "no memory for \(count) values of a data set")
    }
    if wantsHugePages { madvise(allocation, paddedByteCount, MADV_HUGEPAGE) }
    let elements = allocation.bindMemory(to: Element.self, capacity: count)
    (allocation + byteCount).initializeMemory(as: UInt8.self, repeating: 0, count: Self.readableTail)
    self.count = count
    self.baseAddress = UnsafePointer(elements)
    try fill(UnsafeMutableBufferPointer(start: elements, count: count))
  }

  /// Copies an array.
  package convenience init(copying values: [Element]) throws(TrainingDataError) {
    try self.init(count: values.count) { buffer in _ = buffer.initialize(from: values) }
  }

  deinit {
    free(UnsafeMutableRawPointer(mutating: baseAddress))
  }

  /// The element at a position, checked against the bounds.
  package subscript(position: Int) -> Element {
    precondition(position >= 0 && position < count, "expected a position below \(count), got \(position)")
    return baseAddress[position]
  }
}
