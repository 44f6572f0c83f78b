import Benchmark
import BenchmarkInstruments
import Fascicle

/// Registers a barrier in which all workers arrive at once.
func registerBarrier(workerCount: Int) {
  Benchmark.register("barrier of \(workerCount)", reporting: [.nanosecondsPerCall], for: .milliseconds(500)) {
    try BarrierSession(workerCount: workerCount)
  } measure: { benchmark, session in
    benchmark.record(.nanosecondsPerCall, try session.nanoseconds())
  }
}

/// A team whose workers meet over and over.
private final class BarrierSession {
  private static let rounds = 2_000

  private let team: WorkerTeam
  /// Where each worker says which round it has reached.
  private let reached: Block<Int>

  init(workerCount: Int) throws {
    team = try WorkerTeam(processors: WorkerCounts.processors(workerCount: workerCount))
    reached = try Block<Int>(zeros: workerCount)
    try check()
  }

  /// Expects every worker, after every barrier, to find all others in the same round.
  private func check() throws {
    nonisolated(unsafe) let reached = reached.pointer
    try team.broadcast { worker in
      for round in 1...Self.rounds {
        reached[worker.index] = round
        try worker.barrier()
        for other in 0..<worker.workerCount where reached[other] != round {
          throw WrongResult(
            "barrier: worker \(worker.index) expected worker \(other) in round \(round), got \(reached[other])")
        }
        // Nobody goes on to the next round while another still looks.
        try worker.barrier()
      }
    }
  }

  /// Nanoseconds of one barrier, as the first worker times many.
  func nanoseconds() throws -> Double {
    nonisolated(unsafe) var total: UInt64 = 0
    try team.broadcast { worker in
      try worker.barrier()
      let start = Stopwatch.nanoseconds()
      for _ in 0..<Self.rounds { try worker.barrier() }
      if worker.index == 0 { total = Stopwatch.nanoseconds() - start }
    }
    return Double(total) / Double(Self.rounds)
  }
}
