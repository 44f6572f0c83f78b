import Glibc
import HardwareTopology

/// Where the values of a data set lie: memory that was filled once and is then only read, or a file that is mapped.
///
/// The 64 bytes past the end may be read, so that a vector load may begin at any element. Memory starts at a multiple of
/// 64 bytes. From 4 MiB on, huge pages are asked for: a minibatch's rows lie anywhere in the set, and with
/// small pages each would begin with a walk through the page tables.
/// - Concurrency: safe to share, because nothing writes after `init`. Pointers are valid while this object lives.
package final class SampleStorage<Element: BitwiseCopyable>: @unchecked Sendable {
  /// How many elements there are, the readable tail not counted.
  package let count: Int
  /// The first element.
  package let baseAddress: UnsafePointer<Element>
  /// The file that the values lie in; nil for memory.
  package let file: MappedFile?

  private static var lineByteCount: Int { 64 }
  private static var hugePageByteCount: Int { 2 << 20 }
  private static var readableTail: Int { 64 }

  /// Allocates `count` elements and has `fill` write every one of them.
  ///
  /// - Throws: `.outOfMemory` when the system refuses or this process may not use so much, otherwise what `fill` throws;
  ///   nothing stays allocated then.
  package init(
    count: Int, filledBy fill: (UnsafeMutableBufferPointer<Element>) throws(TrainingDataError) -> Void
  ) throws(TrainingDataError) {
    let (byteCount, overflows) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    let (paddedByteCount, paddingOverflows) = byteCount.addingReportingOverflow(Self.readableTail)
    let wantsHugePages = paddedByteCount >= 2 * Self.hugePageByteCount
    let alignment = wantsHugePages ? Self.hugePageByteCount : Self.lineByteCount
    if !paddingOverflows { try Self.requireMemory(paddedByteCount) }
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
    file = nil
    try fill(UnsafeMutableBufferPointer(start: elements, count: count))
  }

  /// The system promises more than it has, and ends the process that believes it.
  private static func requireMemory(_ byteCount: Int) throws(TrainingDataError) {
    guard byteCount >= byteCountWorthAsking else { return }
    let limit = MemoryLimit.current()
    guard let available = limit.byteCount, byteCount > available else { return }
    throw TrainingDataError(
      .outOfMemory,
      "the data set takes \(byteCount >> 20) MiB, but this process may use \(available >> 20) MiB"
        + (limit.path.map { " (\($0))" } ?? ""),
      hint: "IDX and NumPy files can be larger than memory: 'mapped: true' below 'data', isMapped: true in Swift")
  }

  private static var byteCountWorthAsking: Int { 64 << 20 }

  /// Copies an array.
  package convenience init(copying values: [Element]) throws(TrainingDataError) {
    try self.init(count: values.count) { buffer in _ = buffer.initialize(from: values) }
  }

  /// Takes `count` values as they lie in a file, from byte `offset` on.
  ///
  /// - Precondition: the file has so many bytes, and `offset` is a multiple of the values' alignment (checked).
  init(mapping file: MappedFile, offset: Int, count: Int) {
    let stride = MemoryLayout<Element>.stride
    precondition(offset % MemoryLayout<Element>.alignment == 0, "expected values at their alignment, got \(offset)")
    precondition(offset + count * stride <= file.byteCount, "expected \(count) values in \(file.byteCount) bytes")
    self.count = count
    self.file = file
    baseAddress = (file.baseAddress + offset).assumingMemoryBound(to: Element.self)
  }

  deinit {
    if file == nil { free(UnsafeMutableRawPointer(mutating: baseAddress)) }
  }

  /// Bytes of a mapped file that a pass over all of it reads before it gives them back.
  package static var pieceByteCount: Int { 32 << 20 }

  /// Asks the system for elements that will be read soon; those in memory are there.
  func prefetch(_ elements: Range<Int>) { file?.prefetch(bytes(of: elements)) }

  /// Gives back the memory of elements that are not needed for now, where they lie in a file.
  func release(_ elements: Range<Int>) { file?.release(bytes(of: elements)) }

  /// Where elements lie in the file.
  private func bytes(of elements: Range<Int>) -> Range<Int> {
    guard let file else { return 0..<0 }
    let start = UnsafeRawPointer(baseAddress) - file.baseAddress, stride = MemoryLayout<Element>.stride
    return start + elements.lowerBound * stride..<start + elements.upperBound * stride
  }

  /// The element at a position, checked against the bounds.
  package subscript(position: Int) -> Element {
    precondition(position >= 0 && position < count, "expected a position below \(count), got \(position)")
    return baseAddress[position]
  }
}
