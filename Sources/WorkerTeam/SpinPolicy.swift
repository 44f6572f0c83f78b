import HardwareTopology

/// How long a worker spins before it sleeps, for every number of active workers.
///
/// Spinning pays when the one waited for is running at this moment: a wake through the kernel costs some 5 to 50 µs,
/// so spinning about as long is never much worse than knowing the future. It hurts when the one waited for needs the
/// very processor that the spinning occupies; then a worker gives it up almost at once.
package struct SpinPolicy: Sendable {
  /// The limit when every active worker has a processor to itself.
  package static let ampleNanoseconds: UInt64 = 30_000
  /// The limit when workers outnumber processors.
  package static let oversubscribedNanoseconds: UInt64 = 1_000

  /// `isOversubscribed[n - 1]` tells whether the first n workers outnumber the processors that they may run on.
  private let isOversubscribed: [Bool]
  private let override: UInt64?

  /// Derives the policy from where the workers really run.
  ///
  /// - Parameters:
  ///   - affinities: for each worker, where it may run (empty: unknown, counts for nothing).
  ///   - usableProcessors: an upper limit from elsewhere, such as a CPU quota; nil when there is none.
  ///   - override: nanoseconds to use in any case; nil lets the policy choose.
  package init(affinities: [ProcessorSet], usableProcessors: Int?, override: UInt64?) {
    var reachable = ProcessorSet()
    var taken = ProcessorSet()
    var hasClash = false
    var isOversubscribed: [Bool] = []
    for (index, affinity) in affinities.enumerated() {
      reachable.formUnion(affinity)
      if affinity.count == 1 {
        hasClash = hasClash || !taken.intersection(affinity).isEmpty
        taken.formUnion(affinity)
      }
      let usable = min(reachable.count, usableProcessors ?? .max)
      isOversubscribed.append(hasClash || index + 1 > usable)
    }
    self.isOversubscribed = isOversubscribed
    self.override = override
  }

  /// Nanoseconds of spinning before sleep when `activeWorkers` workers (one at least) take part.
  package func spinNanoseconds(activeWorkers: Int) -> UInt64 {
    if let override { return override }
    return isOversubscribed[activeWorkers - 1] ? Self.oversubscribedNanoseconds : Self.ampleNanoseconds
  }
}
