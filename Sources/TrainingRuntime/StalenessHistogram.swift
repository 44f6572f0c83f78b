/// How stale the weights were that the gradients of a run without waiting came from.
///
/// The staleness of an update is the number of other updates that were completed between the moment when its worker began
/// to read the weights and the moment when its own update was complete. Others that were under way meanwhile and not
/// complete are not counted.
public struct StalenessHistogram: Sendable, Hashable {
  /// Updates by their staleness; the last entry also has those beyond ``largestCountedStaleness``.
  public let counts: [Int]
  /// The mean staleness.
  public let mean: Double
  /// The largest staleness.
  public let largest: Int

  /// The staleness up to which updates are counted one by one.
  public static let largestCountedStaleness = 64

  /// All updates.
  public var updateCount: Int { counts.reduce(0, +) }
}

/// A worker's count of its updates by their staleness, in memory that nobody else writes.
struct StalenessTally {
  /// Counts for 0 to the largest staleness that is counted, then the sum, then the largest.
  let words: UnsafeMutablePointer<Int>

  static let bucketCount = StalenessHistogram.largestCountedStaleness + 1
  static let wordCount = bucketCount + 2
  /// Bytes of a tally, on cache lines of its own.
  static let byteCount = (wordCount * MemoryLayout<Int>.stride + 127) / 128 * 128

  func reset() { words.initialize(repeating: 0, count: Self.wordCount) }

  func note(_ staleness: Int) {
    words[min(staleness, Self.bucketCount - 1)] += 1
    words[Self.bucketCount] += staleness
    words[Self.bucketCount + 1] = max(words[Self.bucketCount + 1], staleness)
  }
}

extension StalenessHistogram {
  /// All workers' tallies together.
  init(_ tallies: some Collection<StalenessTally>) {
    let buckets = (0..<StalenessTally.bucketCount).map { bucket in tallies.reduce(0) { $0 + $1.words[bucket] } }
    let sum = tallies.reduce(0) { $0 + $1.words[StalenessTally.bucketCount] }
    let updateCount = buckets.reduce(0, +)
    counts = Array(buckets.prefix((buckets.lastIndex { $0 > 0 } ?? -1) + 1))
    mean = updateCount > 0 ? Double(sum) / Double(updateCount) : 0
    largest = tallies.map { $0.words[StalenessTally.bucketCount + 1] }.max() ?? 0
  }
}
