import Fascicle

/// The thread that kernels are measured on: a worker as training has it, pinned, with subnormal numbers flushed to zero.
///
/// Flushing matters here too: kernels that work in place are called over and over, and their values fade.
public final class MeasuringWorker {
  private let team: WorkerTeam

  /// Starts the worker on the processor that training's first worker would get.
  public init() throws {
    team = try WorkerTeam(processors: WorkerCounts.processors(workerCount: 1))
  }

  /// Runs `body` on the worker and hands back what it gave.
  public func run<Result>(_ body: () throws -> Result) throws -> Result {
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) var result: Result?
    // One worker, and this thread sleeps meanwhile: nobody else touches what the closure captured.
    try team.broadcast { _ in result = try body() }
    guard let result else { throw WrongResult("the measuring worker ended without a result") }
    return result
  }
}
