import NeuronKernels
import Synchronization
import WorkerTeam

/// Rates measured in this process, the ground that a plan stands on.
package struct MachineRates: Sendable, Hashable {
  /// One core's peak of the products' instruction, in FLOP a second.
  let fmaRate: Double
  /// A barrier of all of a team's workers, in seconds.
  let barrierSeconds: Double

  /// Measures both in about five milliseconds.
  static func measured(kernels: KernelSet, team: WorkerTeam) throws -> MachineRates {
    let fmaRate = bestFMARate(kernels, milliseconds: 2)
    return MachineRates(fmaRate: fmaRate, barrierSeconds: try barrierSeconds(team))
  }

  /// The best of a few short runs on the calling thread: the peak is what the core can do, not what it did just then.
  static func bestFMARate(_ kernels: KernelSet, milliseconds: Double) -> Double {
    let probe = max(1, timedRate(kernels, iterations: 1_000))
    let flopsPerIteration = kernels.peakLoop(iterations: 1)
    let iterations = max(1, Int(probe * milliseconds / 3 * 1e-3 / flopsPerIteration))
    return (0..<3).map { _ in timedRate(kernels, iterations: iterations) }.max() ?? probe
  }

  private static func timedRate(_ kernels: KernelSet, iterations: Int) -> Double {
    let start = MonotonicTime.nanoseconds()
    let flops = kernels.peakLoop(iterations: iterations)
    return flops / Double(max(1, MonotonicTime.nanoseconds() - start)) * 1e9
  }

  /// The best of a few batches of barriers, as worker 0 times them.
  private static func barrierSeconds(_ team: WorkerTeam) throws -> Double {
    guard team.workerCount > 1 else { return 0 }
    let rounds = 200
    // Relaxed: worker 0 alone writes, and the end of the broadcast publishes it.
    let best = Atomic<UInt64>(Double.infinity.bitPattern)
    try team.broadcast { worker in
      for _ in 0..<3 {
        try worker.barrier()
        let start = MonotonicTime.nanoseconds()
        for _ in 0..<rounds { try worker.barrier() }
        let seconds = Double(MonotonicTime.nanoseconds() - start) / Double(rounds) * 1e-9
        guard worker.index == 0 else { continue }
        let earlier = Double(bitPattern: best.load(ordering: .relaxed))
        best.store(min(seconds, earlier).bitPattern, ordering: .relaxed)
      }
    }
    return Double(bitPattern: best.load(ordering: .relaxed))
  }

  /// All of a team's cores at once: the sum of what each reaches while the others run too, in FLOP a second.
  package static func teamFMARate(_ kernels: KernelSet, team: WorkerTeam, activeWorkers: Int, milliseconds: Double)
    throws
    -> Double
  {
    // A slot for each worker needs no lock, which ThreadSanitizer would not see: Swift's mutex is not instrumented.
    nonisolated(unsafe) let rates = UnsafeMutableBufferPointer<Double>.allocate(capacity: activeWorkers)
    defer { rates.deallocate() }
    rates.initialize(repeating: 0)
    try team.broadcast(activeWorkers: activeWorkers) { worker in
      try worker.barrier()
      rates[worker.index] = bestFMARate(kernels, milliseconds: milliseconds)
    }
    return rates.reduce(0, +)
  }
}
