import Fascicle
import Glibc

/// Aligned memory for kernels to read and write.
public final class Block<Element: BitwiseCopyable> {
  private let storage: AlignedStorage
  /// How many elements.
  public let count: Int
  /// The first element, on a 64-byte boundary.
  public let pointer: UnsafeMutablePointer<Element>

  /// Takes `count` elements of zero bytes.
  public init(zeros count: Int) throws {
    storage = try AlignedStorage(byteCount: count * MemoryLayout<Element>.stride)
    pointer = storage.baseAddress.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  /// Takes a copy of `elements`.
  public convenience init(_ elements: [Element]) throws {
    try self.init(zeros: elements.count)
    pointer.update(from: elements, count: count)
  }

  /// Takes a copy of `other`.
  public convenience init(copying other: Block) throws {
    try self.init(zeros: other.count)
    pointer.update(from: other.pointer, count: count)
  }
}

extension Block<Float> {
  /// Takes `count` numbers, the same ones for the same seed, evenly spread over `range`.
  public convenience init(random count: Int, in range: ClosedRange<Float> = -1...1, seed: UInt64) throws {
    try self.init(zeros: count)
    var random = RandomBits(seed: seed)
    for index in 0..<count { pointer[index] = random.float(in: range) }
  }
}
