import Benchmark
import BenchmarkInstruments

/// How long the team's workers take to meet and to start, and what lines that change hands cost.
let benchmarks: @Sendable () -> Void = {
  guard let counts = try? WorkerCounts.several() else { fatalError("this machine's processors cannot be read") }
  for workerCount in counts {
    registerBarrier(workerCount: workerCount)
    registerBroadcast(workerCount: workerCount)
  }
  for handover in Handover.allCases { registerHandover(handover) }
}
