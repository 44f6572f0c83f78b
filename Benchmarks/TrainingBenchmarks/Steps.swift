import Benchmark
import BenchmarkInstruments
import Fascicle

/// Registers a whole step of each standard workload, as `fascicle bench` times it.
func registerSteps(workerCount: Int) {
  let metrics: [BenchmarkMetric] = [
    .samplesPerSecond, .nanosecondsPerStep, .barrierNanosecondsPerStep, .megaflops, .peakMegaflops, .percentOfPeak,
  ]
  for workload in Workload.standard {
    let runtime = RuntimeSettings(workers: .exactly(workerCount))
    let name = "step \(workload.name) workers \(workerCount)"
    Benchmark.register(name, reporting: metrics, for: .seconds(2), maxIterations: 10) {
      try TrainingCheck(workload).requireSameBits(runtime)
      return try StepBenchmark(workload, runtime: runtime)
    } measure: { benchmark, step in
      let result = try step.run(seconds: 0.2, repeats: 1)
      benchmark.record(.samplesPerSecond, result.samplesPerSecond)
      benchmark.record(.nanosecondsPerStep, result.microsecondsPerStep * 1e3)
      benchmark.record(.barrierNanosecondsPerStep, result.barrierNanoseconds)
      benchmark.record(.megaflops, result.gflops * 1e3)
      benchmark.record(.peakMegaflops, result.fmaPeakGflops * 1e3)
      benchmark.record(.percentOfPeak, result.percentOfPeak)
    }
  }
}
