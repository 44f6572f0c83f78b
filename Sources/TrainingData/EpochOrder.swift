import NeuronKernels

/// The order in which an epoch visits the training rows.
///
/// The order follows from the seed and the number of the epoch alone, so a resumed run rebuilds it without replaying
/// the epochs before.
public struct EpochOrder: Sendable {
  /// Visits the rows in every epoch as they are listed.
  public static let sequential = EpochOrder(seed: nil)

  private let seed: UInt64?

  private init(seed: UInt64?) {
    self.seed = seed
  }

  /// Shuffles the rows anew in every epoch.
  public init(seed: UInt64) {
    self.init(seed: .some(seed))
  }

  /// Writes the rows in the order in which an epoch visits them.
  ///
  /// - Parameters:
  ///   - rows: the rows to visit.
  ///   - epoch: the epoch, counted from 0.
  ///   - order: receives the rows; owned by the caller, as long as `rows`.
  /// - Precondition: `epoch` is 0 to 2³² − 1 and `order` as long as `rows` (checked).
  /// - Complexity: O(`rows.count`); allocates nothing.
  public func write(_ rows: [UInt32], epoch: Int, into order: UnsafeMutableBufferPointer<UInt32>) {
    precondition(order.count == rows.count, "expected room for \(rows.count) rows, got \(order.count)")
    _ = order.update(fromContentsOf: rows)
    shuffle(order, epoch: epoch)
  }

  /// Writes the numbers 0 ..< `order.count` in the order in which an epoch visits them.
  ///
  /// - Parameters:
  ///   - epoch: the epoch, counted from 0.
  ///   - order: receives the numbers; owned by the caller.
  /// - Precondition: `epoch` is 0 to 2³² − 1 (checked).
  /// - Complexity: O(`order.count`); allocates nothing.
  public func write(epoch: Int, into order: UnsafeMutableBufferPointer<UInt32>) {
    for position in order.indices { order[position] = UInt32(position) }
    shuffle(order, epoch: epoch)
  }

  /// Shuffles in place.
  ///
  /// - Source: Durstenfeld (1964), Algorithm 235: Random permutation, doi:10.1145/364520.364540.
  private func shuffle(_ order: UnsafeMutableBufferPointer<UInt32>, epoch: Int) {
    precondition(order.count <= Dataset.sampleLimit, "expected fewer than 2^32 rows, got \(order.count)")
    guard let seed, order.count > 1 else { return }
    var generator = PhiloxStream(seed: seed, purpose: .epochOrder, index: UInt32(epoch))
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(generator.next(below: UInt32(last + 1))))
    }
  }
}
