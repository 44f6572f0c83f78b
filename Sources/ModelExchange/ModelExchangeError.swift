import NeuronKernels
import TrainingData

/// Why a model cannot be read or written.
public struct ModelExchangeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of trouble.
  public enum Code: Sendable, Hashable {
    /// There is no such model, or it is no file, or this user may not read it.
    case missing
    /// The operating system failed while a file was read.
    case readFailed
    /// The operating system failed while a file was written.
    case writeFailed
    /// Another run writes to the folder.
    case inUse
    /// A file is cut short, contradicts itself or is not of the format.
    case damaged
    /// The files are sound, but do not belong together.
    case mismatch
    /// The file says something that this version does not understand.
    case unsupported
    /// The operating system refused the memory.
    case outOfMemory
  }

  /// The kind of trouble.
  public let code: Code
  /// What is wrong and where, as a sentence without its full stop.
  public let message: String
  /// What to try.
  public let hint: String?

  /// Makes an error from its parts.
  public init(code: Code, message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// Message and hint.
  public var description: String { hint.map { "\(message); \($0)" } ?? message }
}

extension ModelExchangeError {
  /// The same trouble in this room's words.
  init(_ error: TrainingDataError) {
    let code: Code =
      switch error.category {
      case .missingInput: .missing
      case .inputOutput: .readFailed
      case .badData, .invalidRequest: .damaged
      case .resources: .outOfMemory
      }
    self.init(code: code, message: error.message, hint: error.hint)
  }

  init(_ error: NeuronKernelsError) {
    self.init(code: .outOfMemory, message: error.message, hint: "raise the memory limit")
  }

  static func damaged(_ path: String, _ message: String, hint: String? = nil) -> ModelExchangeError {
    ModelExchangeError(code: .damaged, message: "\(path): \(message)", hint: hint)
  }
}
