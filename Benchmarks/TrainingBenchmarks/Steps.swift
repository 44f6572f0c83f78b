import Benchmark
import BenchmarkInstruments
import Fascicle

/// Registers a whole step of each standard workload, as `fascicle bench` times it.
func registerSteps(workerCount: Int) {
  let metrics: [BenchmarkMetric] = [
    .samplesPerSecond, .nanosecondsPerStep, .barrierNanosecondsPerStep, .megaflops, .peakMegaflops, .percentOfPeak,
  ]
  for workload in Workload.standard {
    let configuration = Benchmark.Configuration(reporting: metrics, for: .seconds(2), maxIterations: 10)
    let runtime = RuntimeSettings(workers: .exactly(workerCount))
    Benchmark("step \(workload.name) workers \(workerCount)", configuration: configuration) { benchmark, session in
      let result = try session.run(seconds: 0.2, repeats: 1)
      benchmark.record(.samplesPerSecond, result.samplesPerSecond)
      benchmark.record(.nanosecondsPerStep, result.microsecondsPerStep * 1e3)
      benchmark.record(.barrierNanosecondsPerStep, result.barrierNanoseconds)
      benchmark.record(.megaflops, result.gflops * 1e3)
      benchmark.record(.peakMegaflops, result.fmaPeakGflops * 1e3)
      benchmark.record(.percentOfPeak, result.percentOfPeak)
    } setup: {
      try checkedStep(workload, runtime)
    }
  }
}

/// A step to time, of a workload that has just been seen to give one worker's parameters.
private func checkedStep(_ workload: Workload, _ runtime: RuntimeSettings) throws -> StepBenchmark {
  try TrainingCheck(workload).requireSameBits(runtime)
  return try StepBenchmark(workload, runtime: runtime)
}
