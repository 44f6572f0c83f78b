/// What came of each piece of a batch, written by the threads that dealt with them.
final class PieceResults<Result>: @unchecked Sendable {
  private let results: UnsafeMutableBufferPointer<Result?>

  init(count: Int) {
    results = .allocate(capacity: count)
    results.initialize(repeating: nil)
  }

  deinit {
    results.deinitialize()
    results.deallocate()
  }

  /// Has each piece dealt with on a thread of its own; nil says that it could not be.
  func run(_ body: @Sendable (Int) -> Result?) {
    PieceThreads.run(results.count) { self.results[$0] = body($0) }
  }

  subscript(index: Int) -> Result? { results[index] }
}
