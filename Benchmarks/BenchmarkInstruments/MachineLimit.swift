import Fascicle
import Glibc

/// What one core can do at most: the figure that stands beside a rate.
///
/// The best of a few short runs: what the core can do, not what it did just then.
public protocol MachineLimit: AnyObject {
  /// Units a second.
  func rate() -> Double
}

extension MachineLimit {
  /// The best of three.
  fileprivate func best(_ amount: Double, _ body: () -> Void) -> Double {
    (0..<3).map { _ in amount / Stopwatch.seconds(body) }.max() ?? 0
  }
}

/// Fused multiply-adds held in registers, of one instruction set: FLOP a second.
public final class FusedMultiplyAdds: MachineLimit {
  private let kernels: KernelTable
  private let iterations: Int

  /// Chooses how many of them take a fifth of a millisecond.
  public init(of kernels: KernelTable) {
    self.kernels = kernels
    let probe = 1_000
    iterations = probe * Stopwatch.callCount(lasting: 0.2e-3) { _ = kernels.functions.pointee.fma_loop(probe) }
  }

  /// FLOP a second.
  public func rate() -> Double {
    let flops = kernels.functions.pointee.fma_loop(1) * Double(iterations)
    return best(flops) { _ = kernels.functions.pointee.fma_loop(iterations) }
  }
}

/// Copying between two blocks of memory: bytes read and bytes written a second.
public final class MemoryCopy: MachineLimit {
  private let source: AlignedStorage
  private let target: AlignedStorage
  private var callCount = 1

  /// Takes two blocks of `workingSet` bytes together, so that they live in the same level of the caches as the work
  /// that they are compared with.
  public init(workingSet: Int) throws {
    source = try AlignedStorage(byteCount: workingSet / 2)
    target = try AlignedStorage(byteCount: workingSet / 2)
    callCount = Stopwatch.callCount(lasting: 0.2e-3, copy)
  }

  /// Bytes a second.
  public func rate() -> Double {
    best(Double(2 * source.byteCount * callCount)) {
      for _ in 0..<callCount { copy() }
    }
  }

  private func copy() { memcpy(target.baseAddress, source.baseAddress, source.byteCount) }
}
