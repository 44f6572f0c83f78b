import CZlib

/// The bytes inside a gzip file, inflated as they are asked for.
///
/// A file may consist of several gzip members, whose contents follow each other (RFC 1952, section 2.2). Checksum and
/// length of a member are verified by zlib when its end is reached, so a reader that has all it needs should ask for
/// one byte more and expect none.
final class GzipFile: ByteSource {
  /// Deflate can't shrink data further: 258 bytes for two bits (RFC 1951, section 3.2.5).
  private static let greatestRatio = 1032
  private static let inputByteCount = 65_536

  private let file: InputFile
  private let input: UnsafeMutableBufferPointer<UInt8>
  /// On the heap, because zlib remembers the address of the stream.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether the last member has ended and nothing follows.
  private var isFinished = false

  var path: String { file.path }

  var byteCountLimit: Int {
    let (limit, overflows) = file.byteCount.multipliedReportingOverflow(by: Self.greatestRatio)
    return overflows ? .max : limit
  }

  /// Starts inflating a file from its reading position.
  ///
  /// - Throws: `.outOfMemory` when zlib gets no memory.
  init(_ file: InputFile) throws(TrainingDataError) {
    self.file = file
    input = .allocate(capacity: Self.inputByteCount)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 more than the window's 15 bits selects the gzip wrapping and nothing else.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw failure(status) }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TrainingDataError) -> Int {
    var filled = 0
    while filled < buffer.count, !isFinished {
      filled += try inflateOnce(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    return filled
  }

  /// Lets zlib write as much as it can from the input at hand, and steps over the end of a member.
  private func inflateOnce(into buffer: UnsafeMutableRawBufferPointer) throws(TrainingDataError) -> Int {
    let hasInput = try refill()
    // zlib counts in 32 bits.
    let room = min(buffer.count, 1 << 30)
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let status = inflate(stream, Z_NO_FLUSH)
    switch status {
    case Z_OK: break
    case Z_STREAM_END: try startNextMember()
    case Z_BUF_ERROR where hasInput: break
    default: throw failure(status)
    }
    return room - Int(stream.pointee.avail_out)
  }

  /// Reads more of the file once zlib has consumed the last piece.
  ///
  /// - Returns: whether zlib has input now.
  private func refill() throws(TrainingDataError) -> Bool {
    if stream.pointee.avail_in == 0 {
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(try file.read(into: UnsafeMutableRawBufferPointer(input)))
    }
    return stream.pointee.avail_in > 0
  }

  private func startNextMember() throws(TrainingDataError) {
    if try refill() {
      inflateReset(stream)
    } else {
      isFinished = true
    }
  }

  private func failure(_ status: Int32) -> TrainingDataError {
    switch status {
    case Z_BUF_ERROR:
      return TrainingDataError(
        .truncated, "\(path): the gzip stream ends early, after \(file.byteCount) compressed bytes",
        hint: "copy or download the file again")
    case Z_MEM_ERROR:
      return TrainingDataError(.outOfMemory, "\(path): no memory to inflate the file")
    default:
      let detail = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
      return TrainingDataError(
        .corrupted, "\(path): the gzip stream is damaged: \(detail)", hint: "copy or download the file again")
    }
  }
}
