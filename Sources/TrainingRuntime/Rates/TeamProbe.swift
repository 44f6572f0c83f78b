import NeuronKernels
import WorkerTeam

/// Times what workers do to each other: barriers, reading what another wrote, sharing memory and clock frequency.
struct TeamProbe {
  let kernels: KernelSet
  let team: WorkerTeam

  /// Adds the team's rates, but for those of memory, to those of one core.
  func measure(into rates: inout MachineRates) throws {
    let count = team.workerCount
    guard count > 1 else { return }
    rates.transferRate = try transferRate()
    let one = try FMAPeak.ofTeam(kernels, team: team, activeWorkers: 1, milliseconds: 1)
    let all = try FMAPeak.ofTeam(kernels, team: team, activeWorkers: count, milliseconds: 1)
    rates.loadedSlowdown = min(4, max(1, one * Double(count) / all))
    rates.barriers = try Self.barrierCounts(upTo: count).map {
      MachineRates.BarrierTiming(workerCount: $0, seconds: try barrierSeconds(workers: $0))
    }
  }

  /// 2, 4, 8 … and the whole team.
  private static func barrierCounts(upTo count: Int) -> [Int] {
    var counts = [Int](sequence(first: 2) { $0 * 2 < count ? $0 * 2 : nil })
    if counts.last != count { counts.append(count) }
    return counts
  }

  /// The best of a few batches of barriers, as each worker times them.
  private func barrierSeconds(workers: Int) throws -> Double {
    let rounds = 100
    let times = try team.measurements(activeWorkers: workers) { worker in
      var best = Double.infinity
      for _ in 0..<4 {
        let start = MonotonicTime.nanoseconds()
        for _ in 0..<rounds { try worker.barrier() }
        best = min(best, Double(MonotonicTime.nanoseconds() - start))
      }
      return best
    }
    return max(1, times.max() ?? 1) / Double(rounds) * 1e-9
  }

  /// Worker 1 reads what worker 0 has just written, through a cache that they share or memory.
  private func transferRate() throws -> Double {
    let floats = 16 * 1024
    let storage = try AlignedStorage(byteCount: 2 * floats * MemoryLayout<Float>.stride)
    nonisolated(unsafe) let written = storage.baseAddress.bindMemory(to: Float.self, capacity: 2 * floats)
    let times = try team.measurements(activeWorkers: 2) { worker in
      var best = Double.infinity
      for round in 0..<8 {
        if worker.index == 0 { written.update(repeating: Float(round), count: floats) }
        try worker.barrier()
        let start = MonotonicTime.nanoseconds()
        if worker.index == 1 { (written + floats).update(from: written, count: floats) }
        best = min(best, Double(max(1, MonotonicTime.nanoseconds() - start)))
        try worker.barrier()
      }
      return best
    }
    return Double(floats * MemoryLayout<Float>.stride) / times[1] * 1e9
  }

  /// Adds the rates of memory, which take longer than all others together: the system must find the pages first.
  func measureMemory(into rates: inout MachineRates) throws {
    rates.oneWorkerMemoryRate = try memoryRate(workers: 1)
    let all = team.workerCount > 1 ? try memoryRate(workers: team.workerCount) : 0
    rates.allWorkersMemoryRate = max(all, rates.oneWorkerMemoryRate)
  }

  /// Bytes a second of an update of more parameters than a cache holds, each worker on a part of its own.
  private func memoryRate(workers: Int) throws -> Double {
    let count = Self.memoryParameters / workers / 16 * 16
    let kernels = kernels
    let times = try team.measurements(activeWorkers: workers) { worker in
      // Each worker takes its own memory, which so comes from its own node.
      let storage = try AlignedStorage(byteCount: 4 * count * MemoryLayout<Float>.stride)
      let base = storage.baseAddress.bindMemory(to: Float.self, capacity: 4 * count)
      let slice = UpdateSlice(
        count: count, parameters: base, gradients: base + count, state0: base + 2 * count, state1: base + 3 * count)
      try worker.barrier()
      let start = MonotonicTime.nanoseconds()
      kernels.updateAdam(slice, .still)
      return Double(max(1, MonotonicTime.nanoseconds() - start))
    }
    // Parameters and both moments are read and written, gradients read.
    return Double(workers * count * 7 * MemoryLayout<Float>.stride) / (times.max() ?? 1) * 1e9
  }

  /// 64 MiB in all, more than most last-level caches.
  private static let memoryParameters = 64 << 16
}
