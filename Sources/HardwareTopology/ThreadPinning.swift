/// What became of the wish to run a thread on one processor.
public enum PinningOutcome: Sendable, Hashable, CustomStringConvertible {
  /// The kernel's own affinity mask of the thread is this one processor.
  case verified(processor: Int)
  /// The thread runs unpinned, and why.
  case notPossible(reason: String)
  /// Nobody asked for pinning.
  case notRequested

  /// The outcome as a few words for a report.
  public var description: String {
    switch self {
    case .verified(let processor): "pinned to processor \(processor), verified"
    case .notPossible(let reason): "not pinned: \(reason)"
    case .notRequested: "not pinned: not requested"
    }
  }
}

/// Pinning of threads that belong to this package.
///
/// It is never fatal and never silent: the outcome goes into the report of the run.
package enum ThreadPinning {
  /// Pins the calling thread to one processor and asks the kernel whether that is so.
  ///
  /// hwloc is not asked: it reports success without any effect when it describes a synthetic or saved machine.
  /// - Concurrency: Changes the calling thread only; call it on a worker, never on a thread of the host.
  package static func pinCurrentThread(to processor: Int) -> PinningOutcome {
    let wanted = ProcessorSet([processor])
    guard !wanted.isEmpty else { return .notPossible(reason: "there is no processor \(processor).") }
    if let refusal = ThreadAffinity.set(wanted) {
      return .notPossible(
        reason: "the kernel refused processor \(processor) (\(refusal)); it may be offline or outside the cpuset.")
    }
    guard let granted = ThreadAffinity.current() else {
      return .notPossible(reason: "the kernel accepted processor \(processor) but does not tell the mask it granted.")
    }
    guard granted == wanted else {
      return .notPossible(reason: "the kernel accepted processor \(processor) but granted \(granted).")
    }
    return .verified(processor: processor)
  }
}
