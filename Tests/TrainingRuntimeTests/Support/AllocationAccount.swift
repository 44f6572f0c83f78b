import Fascicle
import RuntimeInstruments
import Testing

/// Counts what chosen threads ask the C library's allocator for.
final class AllocationAccount: @unchecked Sendable {
  /// False under a sanitizer, whose own allocator is left alone.
  static let isAvailable = allocation_account_is_available()

  private let account: UnsafeMutablePointer<allocation_account>

  init() {
    account = .allocate(capacity: 1)
    account.initialize(to: allocation_account())
  }

  deinit { account.deallocate() }

  /// Calls for memory so far.
  var callCount: Int { Int(allocation_account_calls(account)) }

  /// The most bytes that the watched threads held at once.
  var peakByteCount: Int { Int(allocation_account_peak_bytes(account)) }

  /// Runs `body` with the calling thread watched.
  func watchingThisThread<Result>(_ body: () throws -> Result) rethrows -> Result {
    allocation_account_watch_this_thread(account)
    defer { allocation_account_watch_this_thread(nil) }
    return try body()
  }

  /// Calls of a trainer's workers in one epoch, which must have so many steps; another epoch before it is left out.
  static func callsOfWorkers(_ trainer: Trainer, _ training: DataSubset, batchSize: Int, steps: Int) throws -> Int {
    _ = try trainer.fit(training, epochs: 1, batchSize: batchSize)
    let account = AllocationAccount()
    let history = try account.watchingWorkers(of: trainer) {
      try trainer.fit(training, epochs: 1, batchSize: batchSize)
    }
    #expect(history.stepCount == steps)
    return account.callCount
  }

  /// Runs `body` with all of a trainer's workers watched.
  func watchingWorkers<Result>(of trainer: Trainer, _ body: () throws -> Result) throws -> Result {
    try watchingWorkers(of: trainer.team, body)
  }

  /// Runs `body` with all workers of a team watched.
  func watchingWorkers<Result>(of team: WorkerTeam, _ body: () throws -> Result) throws -> Result {
    try team.broadcast { _ in allocation_account_watch_this_thread(self.account) }
    let result = try body()
    try team.broadcast { _ in allocation_account_watch_this_thread(nil) }
    return result
  }
}
