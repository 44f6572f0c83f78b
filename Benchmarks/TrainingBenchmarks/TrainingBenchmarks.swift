import Benchmark
import BenchmarkInstruments

/// Whole training steps: of every optimizer, of every standard workload, of every way to reduce gradients, and watched.
let benchmarks: @Sendable () -> Void = {
  guard let counts = try? WorkerCounts.oneAndAll() else { fatalError("this machine's processors cannot be read") }
  registerOptimizers()
  for workerCount in counts {
    registerSteps(workerCount: workerCount)
    registerReductions(workerCount: workerCount)
    registerDiagnosis(workerCount: workerCount)
  }
}
