/// A pair of loss and last layer, or of loss and targets, that runs but hardly does what was meant.
public struct LossWarning: Sendable, Hashable, CustomStringConvertible {
  /// What is odd and why, as a sentence without its full stop.
  public let message: String
  /// What to write instead.
  public let hint: String

  /// Makes a warning from its parts.
  public init(_ message: String, hint: String) {
    self.message = message
    self.hint = hint
  }

  /// Message and hint.
  public var description: String { "\(message); \(hint)" }
}
