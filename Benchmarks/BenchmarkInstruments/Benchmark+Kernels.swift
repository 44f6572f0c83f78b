public import Benchmark

extension Benchmark {
  /// Registers work whose limit is arithmetic: FLOP a second beside the peak of fused multiply-adds of the same
  /// instruction set.
  ///
  /// - Parameters:
  ///   - kernels: whose multiply-adds are the limit.
  ///   - flops: what a call computes.
  ///   - make: makes the work, in the process that measures it.
  public static func arithmetic(
    _ name: String, kernels: KernelTable, flops: Double, make: @escaping () throws -> any CheckedWork
  ) {
    let metrics: [BenchmarkMetric] = [.megaflops, .peakMegaflops, .percentOfPeak]
    register(name, reporting: metrics, for: .milliseconds(400)) {
      try KernelSession(make()) { FusedMultiplyAdds(of: kernels) }
    } measure: { benchmark, session in
      let (callsPerSecond, peak) = try session.measure()
      benchmark.record(.megaflops, callsPerSecond * flops * 1e-6)
      benchmark.record(.peakMegaflops, peak * 1e-6)
      benchmark.record(.percentOfPeak, 100 * callsPerSecond * flops / peak)
    }
  }

  /// Registers work whose limit is moving data: time of an element, and bytes a second beside copying memory.
  ///
  /// - Parameters:
  ///   - elements: numbers that a call handles.
  ///   - bytes: what a call reads and writes.
  ///   - workingSet: bytes that calls come back to, which decides on the level of the caches they live in.
  ///   - make: makes the work, in the process that measures it.
  public static func movement(
    _ name: String, elements: Int, bytes: Int, workingSet: Int, make: @escaping () throws -> any CheckedWork
  ) {
    let metrics: [BenchmarkMetric] = [.picosecondsPerElement, .megabytes, .copiedMegabytes, .percentOfCopy]
    register(name, reporting: metrics, for: .milliseconds(400)) {
      try KernelSession(make()) { try MemoryCopy(workingSet: workingSet) }
    } measure: { benchmark, session in
      let (callsPerSecond, copied) = try session.measure()
      let moved = callsPerSecond * Double(bytes)
      benchmark.record(.picosecondsPerElement, 1e12 / (callsPerSecond * Double(elements)))
      benchmark.record(.megabytes, moved * 1e-6)
      benchmark.record(.copiedMegabytes, copied * 1e-6)
      benchmark.record(.percentOfCopy, 100 * moved / copied)
    }
  }
}
