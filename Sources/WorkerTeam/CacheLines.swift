import Synchronization

/// A run of cache lines, each of which holds one shared word and nothing else.
///
/// Two words on one line would make every write to one of them a cache miss for the readers of the other. A line is
/// 128 bytes because the neighbouring 64-byte line is fetched along on x86-64, and because some arm64 cores have lines
/// of 128 bytes. The memory is raw, so that every word has an address that stays: the kernel parks threads by address.
///
/// Ownership: `allocate` gives the memory, `deallocate` ends it; copies of the value share it.
struct CacheLines {
  static let bytesPerLine = 128

  private let base: UnsafeMutableRawPointer

  /// Allocates `count` lines, all bytes zero.
  static func allocate(count: Int) -> CacheLines {
    let base = UnsafeMutableRawPointer.allocate(byteCount: count * bytesPerLine, alignment: bytesPerLine)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: count * bytesPerLine)
    return CacheLines(base: base)
  }

  func deallocate() {
    base.deallocate()
  }

  /// The line as an atomic word, set to zero; called once per line, before any other thread can see it.
  func makeAtomicWord(line: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
    let word = (base + line * Self.bytesPerLine).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
    word.initialize(to: Atomic(0))
    return word
  }

  /// The line as a plain counter, set to zero, for one thread at a time.
  func makeCounter(line: Int) -> UnsafeMutablePointer<UInt64> {
    let counter = (base + line * Self.bytesPerLine).bindMemory(to: UInt64.self, capacity: 1)
    counter.initialize(to: 0)
    return counter
  }
}
