/// Why a network cannot be built as it is written.
public struct PerceptronModelError: Error, Sendable, CustomStringConvertible {
  /// The kinds of trouble.
  public enum Code: Sendable, Hashable {
    /// A width is zero, negative or so large that its parameters cannot be counted.
    case width
    /// There is no layer that could learn.
    case noDenseLayer
    /// A layer cannot be trained as asked, such as the step function.
    case untrainable
    /// Loss and last layer do not go together.
    case lossMismatch
    /// A parameter of the loss is a number that it can't work with.
    case lossParameter
    /// A slope, or another parameter of an activation, is a number that the function can't work with.
    case slope
    /// An initializer's, penalty's or constraint's number is one that it can't work with.
    case parameter
    /// Layers do not fit together where they meet again, or an option does not fit its layer.
    case mismatch
  }

  /// The kind of trouble.
  public let code: Code
  /// What is wrong and where, as a sentence without its full stop.
  public let message: String
  /// What to write instead.
  public let hint: String?
  /// The layer that it is about, `3` for the third and `3.1` for the first inside it; nil for the network as a whole.
  public internal(set) var layer: String?

  /// Makes an error from its parts.
  public init(code: Code, message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The same about a layer; the innermost that is known stays.
  func about(layer number: String) -> PerceptronModelError {
    var error = self
    error.layer = layer ?? number
    return error
  }

  /// Message and hint.
  public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
