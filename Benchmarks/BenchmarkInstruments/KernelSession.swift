import Fascicle

/// Work that has passed its own check, with its limit, on the thread where both are measured.
final class KernelSession {
  private let worker: MeasuringWorker
  private let work: any CheckedWork
  private let limit: any MachineLimit
  /// Calls in a row that take about a millisecond.
  private let callCount: Int

  /// Checks the work, and throws its sentence when it is wrong.
  init(_ work: any CheckedWork, limit makeLimit: () throws -> any MachineLimit) throws {
    worker = try MeasuringWorker()
    self.work = work
    (limit, callCount) = try worker.run {
      try work.check()
      return (try makeLimit(), Stopwatch.callCount(lasting: 1e-3, work.run))
    }
  }

  /// Calls a second, and the limit a moment before.
  func measure() throws -> (callsPerSecond: Double, limit: Double) {
    try worker.run {
      let limit = limit.rate()
      let seconds = Stopwatch.seconds { for _ in 0..<callCount { work.run() } }
      return (Double(callCount) / seconds, limit)
    }
  }
}
