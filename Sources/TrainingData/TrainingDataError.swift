/// What was wrong with the data, or with what was asked of it, as a sentence for the user.
public struct TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of failure, for callers that react to it rather than print it.
  public enum Code: String, Sendable, CaseIterable {
    /// No file has the given path.
    case fileNotFound
    /// The path names a directory, a pipe or a device.
    case notARegularFile
    /// The file exists but this user may not read it.
    case permissionDenied
    /// The operating system failed while the file was opened or read.
    case readFailed
    /// The operating system failed while a file was written.
    case writeFailed
    /// The file is not of the expected format at all.
    case unrecognizedFormat
    /// The file's header contradicts itself or can't be used for this purpose.
    case invalidHeader
    /// The file ends before all that its header declares.
    case truncated
    /// The file goes on after all that its header declares.
    case surplusData
    /// The compressed stream is damaged: its structure, checksum or length is wrong.
    case corrupted
    /// There is not a single sample, or not a single feature.
    case emptyDataset
    /// Features and targets, or features and their shape, don't belong together.
    case countMismatch
    /// A class label is negative or not below the number of classes.
    case labelOutOfRange
    /// A feature or target is infinite or not a number.
    case valueNotFinite
    /// A row index is not below the number of samples.
    case rowOutOfRange
    /// A text cannot be divided into records and fields.
    case malformedText
    /// A value is not of the kind that its column holds.
    case invalidValue
    /// A value is missing, and nobody said what should stand for it.
    case missingValue
    /// The columns are not those that a model was trained with.
    case columnMismatch
    /// A column was asked for that the table does not have.
    case unknownColumn
    /// An array was asked for that the archive does not have.
    case unknownArray
    /// An argument, such as a fraction or a batch size, is outside its range.
    case invalidArgument
    /// The operating system refused the memory.
    case outOfMemory
  }

  /// Groups of codes, one for each way in which a program should end; new codes join a group.
  public enum Category: Sendable {
    /// The input is absent, unreadable or no file (`EX_NOINPUT`, 66).
    case missingInput
    /// Reading failed half-way (`EX_IOERR`, 74).
    case inputOutput
    /// The input was read and is wrong (`EX_DATAERR`, 65).
    case badData
    /// The caller asked for something impossible (`EX_CONFIG`, 78).
    case invalidRequest
    /// The machine lacks a resource (`EX_UNAVAILABLE`, 69).
    case resources
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, where, what was expected and what was found; ends without a full stop.
  public let message: String
  /// What the user could do about it, if that can be guessed.
  public let hint: String?

  /// Describes a failure.
  public init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The group of the code, from which an exit status follows.
  public var category: Category {
    switch code {
    case .fileNotFound, .notARegularFile, .permissionDenied: .missingInput
    case .readFailed, .writeFailed: .inputOutput
    case .unrecognizedFormat, .invalidHeader, .truncated, .surplusData, .corrupted, .emptyDataset, .countMismatch,
      .labelOutOfRange, .valueNotFinite, .malformedText, .invalidValue, .missingValue, .columnMismatch:
      .badData
    case .rowOutOfRange, .invalidArgument, .unknownColumn, .unknownArray: .invalidRequest
    case .outOfMemory: .resources
    }
  }

  /// The message, followed by the hint.
  public var description: String {
    guard let hint else { return message }
    return "\(message); \(hint)"
  }
}
