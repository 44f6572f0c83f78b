/// What can go wrong when kernels are chosen or their storage is taken.
public struct NeuronKernelsError: Error, Sendable, CustomStringConvertible {
  /// The kinds of trouble.
  public enum Code: Sendable, Hashable {
    /// A forced instruction set has no such name.
    case instructionSetUnknown
    /// A forced instruction set exists, but not on this CPU or in this build.
    case instructionSetNotRunnable
    /// The CPU, or the kernels in use, have no dot product of bfloat16 pairs.
    case bfloat16NotRunnable
    /// The operating system did not give the memory asked for.
    case outOfMemory
  }

  /// The kind of trouble.
  public let code: Code
  /// What happened, as a sentence without its full stop.
  public let message: String
  /// What to try.
  public let hint: String?

  /// Makes an error from its parts.
  public init(code: Code, message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The system does not give so many bytes.
  static func refused(byteCount: Int) -> NeuronKernelsError {
    NeuronKernelsError(
      code: .outOfMemory, message: "the system refused \(byteCount) bytes of memory",
      hint: "use a smaller batch or network, or raise the memory limit")
  }

  /// Message and hint.
  public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
