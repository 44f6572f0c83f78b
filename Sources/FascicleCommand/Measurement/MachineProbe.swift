import Fascicle
import Glibc
import Synchronization

/// What the machine's cores reach together, measured in this process.
struct MachineProbe {
  /// Fused multiply-adds, in GFLOP/s.
  let fmaPeakGflops: Double
  /// Copying from memory to memory, bytes read and bytes written, in GB/s.
  let copyGigabytesPerSecond: Double
  let instructionSet: InstructionSet

  /// Measures with one worker on each of `processors`, in about a third of a second.
  static func measure(on processors: [Int]) throws -> MachineProbe {
    let kernels = try KernelSet.selected()
    let team = try WorkerTeam(processors: processors.map { $0 })
    let fma = try FMAPeak.ofTeam(kernels, team: team, activeWorkers: team.workerCount, milliseconds: 30)
    // An eighth of what may be used is plenty, also where that is little.
    let available = (MemoryLimit.current().byteCount ?? 1 << 30) / 8
    let share = max(1 << 20, min(64 << 20, available / (2 * team.workerCount)))
    let copy = try sum(over: team) { _ in copyRate(byteCount: share) }
    return MachineProbe(
      fmaPeakGflops: fma * 1e-9, copyGigabytesPerSecond: copy * 1e-9, instructionSet: kernels.instructionSet)
  }

  /// The sum of what every worker measures while the others measure too.
  private static func sum(over team: WorkerTeam, measure: @Sendable (Int) -> Double) throws -> Double {
    let rates = Mutex([Double](repeating: 0, count: team.workerCount))
    try team.broadcast { worker in
      try worker.barrier()
      let rate = measure(worker.index)
      rates.withLock { $0[worker.index] = rate }
    }
    return rates.withLock { $0.reduce(0, +) }
  }

  /// Copies between two buffers that are far larger than any cache share.
  private static func copyRate(byteCount: Int) -> Double {
    let source = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4096)
    let target = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4096)
    defer {
      source.deallocate()
      target.deallocate()
    }
    // Touches every page first: the kernel hands them out only then.
    memset(source, 1, byteCount)
    memset(target, 2, byteCount)
    return bestRate(repeats: 5) {
      memcpy(target, source, byteCount)
      return 2 * Double(byteCount)
    }
  }

  /// The best of a few runs: what the machine can do, not what it did just then.
  private static func bestRate(repeats: Int, _ run: () -> Double) -> Double {
    (0..<repeats).map { _ in
      let start = MonotonicTime.nanoseconds()
      let amount = run()
      return amount / Double(max(1, MonotonicTime.nanoseconds() - start)) * 1e9
    }.max() ?? 0
  }
}
