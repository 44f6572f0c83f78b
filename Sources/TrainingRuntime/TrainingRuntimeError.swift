/// Why a run cannot start, or had to end.
public struct TrainingRuntimeError: Error, Sendable, CustomStringConvertible {
  /// The kinds of trouble.
  public enum Code: Sendable, Hashable {
    /// A setting is out of range: batch size, epochs, workers.
    case setting
    /// Data and network do not fit together.
    case dataMismatch
    /// Samples do not fit a trained model.
    case modelMismatch
    /// The plan needs more memory than this process may use.
    case memory
    /// The loss stopped being a number.
    case diverged
    /// A state to resume from is of another run.
    case stateMismatch
  }

  /// The kind of trouble.
  public let code: Code
  /// What is wrong and where, as a sentence without its full stop.
  public let message: String
  /// What to try.
  public let hint: String?
  /// Where the run stopped being finite; nil for other kinds of trouble.
  public internal(set) var divergence: DivergenceReport?

  /// Makes an error from its parts.
  public init(code: Code, message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// Message and hint.
  public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
