/// How a sparse text of LIBSVM or SVMLight is read.
///
/// A line is `label index:value index:value …`, indices ascending; what is not listed is 0. `qid:n` behind the label is passed
/// over, and so is what follows a `#`.
public struct LIBSVMReading: Sendable, Hashable {
  /// The index of the first feature.
  public enum FirstIndex: String, Sendable, Hashable, CaseIterable {
    /// 0 if an index in the file is 0, else 1.
    case automatic = "auto"
    /// Indices count from 0.
    case zero = "0"
    /// Indices count from 1.
    case one = "1"
  }

  /// The index of the first feature.
  public var firstIndex: FirstIndex
  /// How many features a sample has; as many as the largest index tells when left out.
  public var featureCount: Int?
  /// Bytes that the features may take, four each, for zeros are kept too.
  public var byteLimit: Int

  /// The limit unless another is given.
  public static let standardByteLimit = 16 << 30

  /// Makes a way of reading; everything is recognised from the data unless it is said.
  public init(
    firstIndex: FirstIndex = .automatic, featureCount: Int? = nil, byteLimit: Int = Self.standardByteLimit
  ) {
    self.firstIndex = firstIndex
    self.featureCount = featureCount
    self.byteLimit = byteLimit
  }
}

extension Table {
  /// What the column of labels is called in a table that was read from LIBSVM.
  public static let libsvmLabel = "label"

  /// Reads a sparse text of LIBSVM or SVMLight, plain or compressed with gzip, into a table of numbers.
  ///
  /// The first column is the label, the others are the features, called by their indices as the file counts them.
  ///
  ///     let table = try Table.libsvm("a9a", reading: LIBSVMReading(featureCount: 123))
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, empty or no text; for a line with several labels,
  ///   without a label, with an index that is none, does not ascend or is beyond the number of features, or with a value that
  ///   is no finite number, each with its line; and when the features would take more memory than they may.
  /// - Complexity: O(bytes) for the text, which is passed over twice, and O(rows·features) for zeros.
  public static func libsvm(
    _ path: String, reading: LIBSVMReading = LIBSVMReading(), progress: ReadingProgress? = nil
  ) throws(TrainingDataError) -> Table {
    try LIBSVMFile(path: path, reading: reading, progress: progress).readTable()
  }
}
