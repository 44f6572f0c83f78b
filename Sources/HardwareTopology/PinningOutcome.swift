/// What became of the wish to run a thread on one processor, as the thread itself read it back from the kernel.
public enum PinningOutcome: Sendable, Hashable, CustomStringConvertible {
  /// The thread runs on this processor and on no other.
  case verified(processor: Int)
  /// The thread runs unpinned, although this processor was wanted; the reason is a sentence that does not name it.
  case notPossible(processor: Int, reason: String)
  /// Nobody asked for pinning.
  case notRequested

  /// The outcome as a few words for a report.
  public var description: String {
    switch self {
    case .verified(let processor): "pinned to processor \(processor), verified"
    case .notPossible(let processor, let reason): "not pinned to processor \(processor): \(reason)"
    case .notRequested: "not pinned: not requested"
    }
  }
}
