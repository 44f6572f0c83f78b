import Glibc

/// Where one worker really runs, as the worker itself read it back from the kernel after it had started.
public enum PinningReport: Sendable, Equatable, CustomStringConvertible {
  /// The worker runs on this OS processor and on no other.
  case verified(processor: Int)
  /// The worker could not be pinned; it runs wherever the kernel puts it. `reason` is a sentence.
  case notPossible(processor: Int, reason: String)
  /// No processor was asked for; the worker runs wherever the thread that made the team could.
  case notRequested

  /// A few words for logs and reports.
  public var description: String {
    switch self {
    case .verified(let processor): "pinned to processor \(processor)"
    case .notPossible(let processor, let reason): "not pinned to processor \(processor): \(reason)"
    case .notRequested: "not pinned"
    }
  }

  /// Judges an attempt by its outcome.
  ///
  /// - Parameters:
  ///   - requested: the processor asked for.
  ///   - refusal: 0, or the `errno` that setting the affinity gave.
  ///   - actual: the affinity read back afterwards.
  init(requested: Int, refusal: Int32, actual: ProcessorSet) {
    if refusal != 0 {
      let cause = String(cString: strerror(refusal))
      let reason = "The kernel refused (\(cause)); it has no such processor, or this process may not use it."
      self = .notPossible(processor: requested, reason: reason)
    } else if actual == ProcessorSet(requested) {
      self = .verified(processor: requested)
    } else if actual.count == 0 {
      self = .notPossible(processor: requested, reason: "The kernel accepted the request, but can't be asked about it.")
    } else {
      let reason = "The kernel accepted the request, but the thread may run on processors \(actual.processors)."
      self = .notPossible(processor: requested, reason: reason)
    }
  }

  /// Pins the calling thread to `processor`, or leaves it alone when that is nil, and says what came of it.
  static func pinCallingThread(to processor: Int?) -> PinningReport {
    guard let processor else { return .notRequested }
    guard let target = ProcessorSet(processor) else {
      let reason = "Processor numbers are from 0 to \(ProcessorSet.capacity - 1)."
      return .notPossible(processor: processor, reason: reason)
    }
    let refusal = target.bindCallingThread()
    return PinningReport(requested: processor, refusal: refusal, actual: .ofCallingThread())
  }
}
