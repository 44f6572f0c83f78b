import NeuronKernels

/// The order in which an epoch visits the training rows.
///
/// The order follows from the seed, the window and the number of the epoch alone, so a resumed run rebuilds it without
/// replaying the epochs before.
///
/// A shuffle within windows is for rows that lie in a file larger than memory: only the rows of one window, and of the next
/// while they are fetched, need to be in memory. Blocks of neighbouring rows, 64 to a window, are shuffled first; then all
/// rows of each window. An epoch still visits every row once, and rows of a minibatch come from 64 places of the file, but
/// not from all of it as those of a full shuffle.
/// - Source: Xu et al. (2022), In-Database Machine Learning with CorgiPile: Stochastic Gradient Descent without Full Data
///   Shuffle, doi:10.1145/3514221.3526150.
public struct EpochOrder: Sendable {
  /// Visits the rows in every epoch as they are listed.
  public static let sequential = EpochOrder(seed: nil, window: nil)

  private let seed: UInt64?
  /// How many rows are shuffled together; nil for all.
  package let window: Int?

  /// Blocks of neighbouring rows that a window is made of.
  package static let blocksInWindow = 64

  /// The seed as a run's identity names it.
  package var seedText: String { "(seed: \(seed.map { "\($0)" } ?? "none"))" }

  private init(seed: UInt64?, window: Int?) {
    self.seed = seed
    self.window = window
  }

  /// Shuffles the rows anew in every epoch.
  ///
  /// - Parameters:
  ///   - seed: what the order is drawn from.
  ///   - window: how many rows are shuffled together, at least 1; nil for all of them.
  /// - Precondition: `window` is positive (checked).
  public init(seed: UInt64, window: Int? = nil) {
    precondition(window.map { $0 > 0 } ?? true, "expected a window of 1 row or more, got \(window ?? 0)")
    self.init(seed: .some(seed), window: window)
  }

  /// Writes the rows in the order in which an epoch visits them.
  ///
  /// - Parameters:
  ///   - rows: the rows to visit.
  ///   - epoch: the epoch, counted from 0.
  ///   - order: receives the rows; owned by the caller, as long as `rows`.
  /// - Precondition: `epoch` is 0 to 2³² − 1 and `order` as long as `rows` (checked).
  /// - Complexity: O(`rows.count`); allocates nothing but, with a window, a number for each block.
  public func write(_ rows: [UInt32], epoch: Int, into order: UnsafeMutableBufferPointer<UInt32>) {
    precondition(order.count == rows.count, "expected room for \(rows.count) rows, got \(order.count)")
    write(epoch: epoch, into: order) { rows[$0] }
  }

  /// Writes the numbers 0 ..< `order.count` in the order in which an epoch visits them.
  ///
  /// - Parameters:
  ///   - epoch: the epoch, counted from 0.
  ///   - order: receives the numbers; owned by the caller.
  /// - Precondition: `epoch` is 0 to 2³² − 1 (checked).
  /// - Complexity: as ``write(_:epoch:into:)``.
  public func write(epoch: Int, into order: UnsafeMutableBufferPointer<UInt32>) {
    write(epoch: epoch, into: order) { UInt32($0) }
  }

  /// - Parameter row: what is listed at a position.
  @inline(__always)
  private func write(epoch: Int, into order: UnsafeMutableBufferPointer<UInt32>, _ row: (Int) -> UInt32) {
    precondition(order.count <= Dataset.sampleLimit, "expected fewer than 2^32 rows, got \(order.count)")
    guard let seed, order.count > 1 else {
      for position in order.indices { order[position] = row(position) }
      return
    }
    var generator = PhiloxStream(seed: seed, purpose: .epochOrder, index: UInt32(epoch))
    guard let window, window < order.count else {
      for position in order.indices { order[position] = row(position) }
      Self.shuffle(order[...], &generator)
      return
    }
    writeBlocks(of: max(1, window / Self.blocksInWindow), into: order, &generator, row)
    for first in stride(from: 0, to: order.count, by: window) {
      Self.shuffle(order[first..<min(first + window, order.count)], &generator)
    }
  }

  /// Writes blocks of neighbours one behind the other, in an order that is drawn.
  @inline(__always)
  private func writeBlocks(
    of size: Int, into order: UnsafeMutableBufferPointer<UInt32>, _ generator: inout PhiloxStream,
    _ row: (Int) -> UInt32
  ) {
    var blocks = (0..<(order.count + size - 1) / size).map { UInt32($0) }
    blocks.withUnsafeMutableBufferPointer { Self.shuffle($0[...], &generator) }
    var position = 0
    for block in blocks {
      let first = Int(block) * size
      for listed in first..<min(first + size, order.count) {
        order[position] = row(listed)
        position += 1
      }
    }
  }

  /// Shuffles in place.
  ///
  /// - Source: Durstenfeld (1964), Algorithm 235: Random permutation, doi:10.1145/364520.364540.
  private static func shuffle(
    _ part: Slice<UnsafeMutableBufferPointer<UInt32>>, _ generator: inout PhiloxStream
  ) {
    let rows = UnsafeMutableBufferPointer(rebasing: part)
    for last in stride(from: rows.count - 1, to: 0, by: -1) {
      rows.swapAt(last, Int(generator.next(below: UInt32(last + 1))))
    }
  }
}
