import Benchmark
import BenchmarkInstruments
import Fascicle

/// Registers the start and end of a broadcast that does nothing: workers wake, run, and the caller wakes.
func registerBroadcast(workerCount: Int) {
  Benchmark.register("broadcast to \(workerCount)", reporting: [.nanosecondsPerCall], for: .milliseconds(500)) {
    try BroadcastSession(workerCount: workerCount)
  } measure: { benchmark, session in
    benchmark.record(.nanosecondsPerCall, try session.nanoseconds())
  }
}

/// A team that sleeps between broadcasts.
private final class BroadcastSession {
  private static let rounds = 50

  private let team: WorkerTeam
  /// How often each worker has run.
  private let runs: Block<Int>

  init(workerCount: Int) throws {
    team = try WorkerTeam(processors: WorkerCounts.processors(workerCount: workerCount))
    runs = try Block<Int>(zeros: workerCount)
    try check()
  }

  /// Expects every worker to run once a broadcast.
  private func check() throws {
    nonisolated(unsafe) let runs = runs.pointer
    for round in 1...Self.rounds {
      try team.broadcast { worker in runs[worker.index] += 1 }
      for worker in 0..<team.workerCount where runs[worker] != round {
        throw WrongResult("broadcast: expected worker \(worker) to have run \(round) times, got \(runs[worker])")
      }
    }
  }

  /// Nanoseconds of one broadcast, as the caller sees it.
  func nanoseconds() throws -> Double {
    let seconds = try Stopwatch.seconds {
      for _ in 0..<Self.rounds { try team.broadcast { _ in } }
    }
    return seconds / Double(Self.rounds) * 1e9
  }
}
