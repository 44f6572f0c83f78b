import NeuronKernels
import WorkerTeam

/// The peak of fused multiply-adds, the limit beside which every figure stands.
package enum FMAPeak {
  /// The best of a few short runs on the calling thread, in FLOP a second: what the core can do, not what it did just
  /// then.
  package static func ofThisCore(_ kernels: KernelSet, milliseconds: Double) -> Double {
    let probe = max(1, timedRate(kernels, iterations: 1_000))
    let flopsPerIteration = kernels.peakLoop(iterations: 1)
    let iterations = max(1, Int(probe * milliseconds / 3 * 1e-3 / flopsPerIteration))
    // No array of the three: workers run this too, and theirs is a thread that never allocates.
    var best = 0.0
    for _ in 0..<3 { best = max(best, timedRate(kernels, iterations: iterations)) }
    return best
  }

  private static func timedRate(_ kernels: KernelSet, iterations: Int) -> Double {
    let start = MonotonicTime.nanoseconds()
    let flops = kernels.peakLoop(iterations: iterations)
    return flops / Double(max(1, MonotonicTime.nanoseconds() - start)) * 1e9
  }

  /// All of a team's cores at once: the sum of what each reaches while the others run too, in FLOP a second.
  package static func ofTeam(
    _ kernels: KernelSet, team: WorkerTeam, activeWorkers: Int, milliseconds: Double
  ) throws -> Double {
    try team.sum(activeWorkers: activeWorkers) { _ in ofThisCore(kernels, milliseconds: milliseconds) }
  }
}

extension WorkerTeam {
  /// What every worker measures while the others measure too.
  package func measurements(
    activeWorkers: Int, _ measure: @Sendable (WorkerContext) throws -> Double
  ) throws -> [Double] {
    // A slot for each worker needs no lock, which ThreadSanitizer would not see: Swift's mutex is not instrumented.
    nonisolated(unsafe) let slots = UnsafeMutableBufferPointer<Double>.allocate(capacity: activeWorkers)
    defer { slots.deallocate() }
    slots.initialize(repeating: 0)
    try broadcast(activeWorkers: activeWorkers) { worker in
      try worker.barrier()
      slots[worker.index] = try measure(worker)
    }
    return Array(slots)
  }

  /// The sum of ``measurements(activeWorkers:_:)``.
  package func sum(activeWorkers: Int, _ measure: @Sendable (WorkerContext) throws -> Double) throws -> Double {
    try measurements(activeWorkers: activeWorkers, measure).reduce(0, +)
  }
}
