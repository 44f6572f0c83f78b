import CPlatform
import Glibc

/// A set of OS processor numbers, as the kernel's affinity calls use it.
package struct ProcessorSet: Sendable, Equatable {
  /// More processors than any Linux kernel is built for.
  package static let capacity = 8192

  private var words = [UInt64](repeating: 0, count: capacity / 64)

  /// The empty set.
  package init() {}

  /// The set of one processor, or nil when no kernel has a processor of that number.
  package init?(_ processor: Int) {
    guard (0..<Self.capacity).contains(processor) else { return nil }
    words[processor / 64] = 1 << UInt64(processor % 64)
  }

  /// How many processors are in the set.
  package var count: Int {
    words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// The processors in the set, in increasing order.
  package var processors: [Int] {
    (0..<Self.capacity).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
  }

  /// Adds all processors of `other`.
  package mutating func formUnion(_ other: ProcessorSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  /// Where the calling thread may run, asked from the kernel; empty when the kernel doesn't say.
  package static func ofCallingThread() -> ProcessorSet {
    var set = ProcessorSet()
    let failure = set.words.withUnsafeMutableBufferPointer { platform_get_thread_affinity($0.baseAddress, $0.count) }
    return failure == 0 ? set : ProcessorSet()
  }

  /// Asks the kernel to run the calling thread on these processors only; returns 0 or the `errno` of the refusal.
  package func bindCallingThread() -> Int32 {
    words.withUnsafeBufferPointer { platform_set_thread_affinity($0.baseAddress, $0.count) }
  }
}
