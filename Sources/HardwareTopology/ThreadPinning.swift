/// Pinning of threads that belong to this package.
///
/// It is never fatal and never silent: the outcome goes into the report of the run.
package enum ThreadPinning {
  /// Pins the calling thread to one processor and asks the kernel whether that is so; `nil` leaves the thread alone.
  ///
  /// hwloc is not asked: it reports success without any effect when it describes a synthetic or saved machine.
  /// - Concurrency: Changes the calling thread only; call it on a worker, never on a thread of the host.
  package static func pinCurrentThread(to processor: Int?) -> PinningOutcome {
    guard let processor else { return .notRequested }
    func notPossible(_ reason: String) -> PinningOutcome { .notPossible(processor: processor, reason: reason) }

    let wanted = ProcessorSet([processor])
    guard !wanted.isEmpty else { return notPossible("Processor numbers are from 0 to \(ProcessorSet.capacity - 1).") }
    if let refusal = ThreadAffinity.set(wanted) {
      return notPossible(
        "The kernel refused (\(refusal)); the processor may be absent, offline or outside this process's cpuset.")
    }
    guard let granted = ThreadAffinity.current() else {
      return notPossible("The kernel accepted the request, but does not tell what it granted.")
    }
    guard granted == wanted else {
      return notPossible("The kernel accepted the request, but the thread may run on processors \(granted).")
    }
    return .verified(processor: processor)
  }
}
