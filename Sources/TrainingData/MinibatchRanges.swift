/// The minibatches of an epoch as ranges of positions in its order; only the last one may be smaller.
public struct MinibatchRanges: RandomAccessCollection, Sendable {
  /// How many samples the epoch visits.
  public let sampleCount: Int
  /// How many samples a minibatch has, unless it is the last.
  public let batchSize: Int

  /// Cuts an epoch into minibatches; a batch size above the number of samples gives one smaller batch.
  ///
  /// - Throws: `.invalidArgument` when `batchSize` is not positive or `sampleCount` is negative.
  public init(sampleCount: Int, batchSize: Int) throws(TrainingDataError) {
    guard batchSize > 0 else {
      throw TrainingDataError(.invalidArgument, "expected a batch size of at least 1, got \(batchSize)")
    }
    guard sampleCount >= 0 else {
      throw TrainingDataError(.invalidArgument, "expected a number of samples of at least 0, got \(sampleCount)")
    }
    self.sampleCount = sampleCount
    self.batchSize = batchSize
  }

  /// The first minibatch.
  public var startIndex: Int { 0 }
  /// One past the last minibatch: how many there are.
  public var endIndex: Int { sampleCount / batchSize + (sampleCount % batchSize == 0 ? 0 : 1) }

  /// The positions that a minibatch covers.
  ///
  /// - Precondition: the minibatch exists (checked).
  public subscript(minibatch: Int) -> Range<Int> {
    precondition(indices.contains(minibatch), "expected a minibatch below \(endIndex), got \(minibatch)")
    let start = minibatch * batchSize
    return start..<(start + Swift.min(batchSize, sampleCount - start))
  }
}
