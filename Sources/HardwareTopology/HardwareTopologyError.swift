/// Why a machine could not be described.
public struct HardwareTopologyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong, for programs.
  public enum Code: Sendable, Hashable {
    /// The text given to ``Machine/synthetic(_:)`` is not a synthetic description that hwloc accepts.
    case invalidSyntheticDescription
    /// The text given to ``Machine/saved(xml:)`` is not a topology that hwloc accepts.
    case invalidSavedTopology
    /// hwloc could not describe the running machine.
    case discoveryFailed
  }

  /// What went wrong, for programs.
  public let code: Code
  /// What went wrong, as one sentence for people.
  public let message: String
  /// What the reader can do about it, where something can be done.
  public let hint: String?

  package init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The message, and the hint after it.
  public var description: String { hint.map { "\(message) Hint: \($0)" } ?? message }
}
