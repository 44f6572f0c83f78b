import Glibc

/// Reads a text block by block, each of them whole records, so that a text need not fit into memory.
///
///     var blocks = try TextBlocks(path: path, blockByteCount: 4 << 20)
///     while try blocks.fill() { … blocks.bytes …; blocks.consume(behindLastRecord) }
///
/// Bytes that were not consumed come again, with more behind them; where nothing was consumed, the block grows.
final class TextBlocks {
  let path: String
  /// The bytes at hand, a line feed and padding behind them.
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  /// How many bytes there are, the line feed behind them not counted.
  private(set) var count = 0
  /// Whether the text ends with the bytes at hand.
  private(set) var isAtEnd = false

  private let file: InputFile
  private let source: any ByteSource
  private let isCompressed: Bool
  private var capacity: Int
  private var readByteCount = 0
  /// Bytes at the front that were consumed.
  private var consumed = 0

  /// How many times its size a compressed file may inflate to, beyond ``inflatedAllowance``; text seldom reaches 20.
  private static let ratioLimit = 256
  private static let inflatedAllowance = 16 << 20

  /// Opens a file, plain or with gzip.
  ///
  /// - Parameter blockByteCount: how many bytes a block has unless a record is longer.
  init(path: String, blockByteCount: Int) throws(TrainingDataError) {
    self.path = path
    file = try InputFile(path: path)
    isCompressed = try file.startsWithGzipMagic()
    source = isCompressed ? try GzipFile(file) : file
    // One byte more than a plain file has tells that it has ended.
    capacity = max(64, min(blockByteCount, isCompressed ? blockByteCount : file.byteCount + 1))
    guard let memory = malloc(capacity + 1 + DecimalNumber.padding) else { throw Self.noMemory(path) }
    bytes = memory.assumingMemoryBound(to: UInt8.self)
  }

  deinit { free(bytes) }

  /// How much of the file has been read, 0 to 1.
  var progress: Double { file.byteCount == 0 ? 1 : Double(file.position) / Double(file.byteCount) }

  /// Bytes of the file itself, compressed or not.
  var fileByteCount: Int { file.byteCount }

  /// Says that so many bytes more have been dealt with.
  func consume(_ count: Int) { consumed += count }

  /// Moves what was not consumed to the front, and reads on; false when nothing is left.
  ///
  /// - Throws: ``TrainingDataError`` when the file cannot be read, or inflates to more than a text does.
  func fill() throws(TrainingDataError) -> Bool {
    let rest = count - consumed
    if consumed == 0, count == capacity { try grow() }
    memmove(bytes, bytes + consumed, rest)
    (count, consumed) = (rest, 0)
    if !isAtEnd {
      let found = try source.read(into: UnsafeMutableRawBufferPointer(start: bytes + rest, count: capacity - rest))
      isAtEnd = found < capacity - rest
      count += found
      readByteCount += found
      try requirePlausibleSize()
    }
    bytes[count] = UInt8(ascii: "\n")
    memset(bytes + count + 1, 0, DecimalNumber.padding)
    return count > 0
  }

  private func requirePlausibleSize() throws(TrainingDataError) {
    let (limit, overflows) = file.byteCount.multipliedReportingOverflow(by: Self.ratioLimit)
    guard isCompressed, !overflows, readByteCount > limit + Self.inflatedAllowance else { return }
    throw TrainingDataError(
      .corrupted,
      "\(path): expected a text that inflates to \(Self.ratioLimit) times its \(file.byteCount) bytes at most, got more",
      hint: "unpack it first if it is meant to")
  }

  private func grow() throws(TrainingDataError) {
    let (larger, overflows) = capacity.multipliedReportingOverflow(by: 2)
    guard !overflows, let memory = realloc(bytes, larger + 1 + DecimalNumber.padding) else {
      throw Self.noMemory(path)
    }
    bytes = memory.assumingMemoryBound(to: UInt8.self)
    capacity = larger
  }

  private static func noMemory(_ path: String) -> TrainingDataError {
    TrainingDataError(.outOfMemory, "\(path): no memory for the text")
  }
}
