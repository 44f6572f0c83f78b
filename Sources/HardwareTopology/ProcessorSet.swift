/// A set of processors, each named by the index that the operating system gives it.
///
/// Iteration is in increasing order. Indices outside `0..<ProcessorSet.capacity` belong to no machine and are never
/// members, so adding them has no effect.
public struct ProcessorSet: Sendable, Hashable {
  /// One more than the largest index a set can hold; far above what any Linux kernel is built for (8192).
  public static let capacity = 65_536

  // Bit i of word w is processor 64·w + i. The last word is never zero, so equal sets are equal values.
  private var words: [UInt64] = []

  /// Makes an empty set.
  public init() {}

  /// Makes the set of the given operating system indices.
  public init(_ processors: some Sequence<Int>) {
    for processor in processors { insert(processor) }
  }

  /// Makes a set from a kernel mask, 64 processors a word, lowest first.
  package init(words: [UInt64]) {
    self.words = Array(words.prefix(Self.capacity / 64))
    dropEmptyTail()
  }

  /// The kernel's form of the set, 64 processors a word, padded with zeros to at least `wordCount` words.
  package func words(atLeast wordCount: Int = 1) -> [UInt64] {
    words + Array(repeating: 0, count: Swift.max(0, wordCount - words.count))
  }

  /// Whether a processor is a member.
  public func contains(_ processor: Int) -> Bool {
    guard processor >= 0, processor / 64 < words.count else { return false }
    return words[processor / 64] >> UInt64(processor % 64) & 1 == 1
  }

  /// Adds a processor.
  public mutating func insert(_ processor: Int) {
    guard processor >= 0, processor < Self.capacity else { return }
    let missingWordCount = processor / 64 + 1 - words.count
    if missingWordCount > 0 { words.append(contentsOf: repeatElement(0, count: missingWordCount)) }
    words[processor / 64] |= 1 << UInt64(processor % 64)
  }

  /// The number of processors.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Whether the set has no processor.
  public var isEmpty: Bool { words.isEmpty }

  /// The processors that are in both sets.
  public func intersection(_ other: ProcessorSet) -> ProcessorSet {
    ProcessorSet(words: zip(words, other.words).map { $0 & $1 })
  }

  /// Adds the processors of another set.
  package mutating func formUnion(_ other: ProcessorSet) {
    for processor in other { insert(processor) }
  }

  private mutating func dropEmptyTail() {
    while words.last == 0 { words.removeLast() }
  }
}

extension ProcessorSet: Sequence {
  /// Walks the processors in increasing order.
  public func makeIterator() -> some IteratorProtocol<Int> {
    (0..<words.count * 64).lazy.filter(contains).makeIterator()
  }

  /// The number of processors, exactly.
  public var underestimatedCount: Int { count }
}

extension ProcessorSet: ExpressibleByArrayLiteral {
  /// Makes a set from a list of indices, as in `[0, 1, 8]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}
