import Glibc

/// A regular file that is open for reading.
///
/// The bytes are read, with every failure an error; who wants a file that is larger than memory maps it (``MappedFile``).
package final class InputFile: ByteSource {
  package let path: String
  /// The size when the file was opened.
  package let byteCount: Int

  /// How many bytes have been read.
  private(set) var position = 0

  private let descriptor: Int32

  var byteCountLimit: Int { byteCount }

  /// Opens a file.
  ///
  /// - Throws: `.fileNotFound`, `.permissionDenied`, `.notARegularFile` or `.readFailed`.
  package init(path: String) throws(TrainingDataError) {
    guard !path.utf8.contains(0) else {
      throw TrainingDataError(.fileNotFound, "expected a path without NUL characters, got \(path.debugDescription)")
    }
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotOpen(path, errorNumber: errno) }
    // Before anything can throw, so that `deinit` closes the file whatever happens next.
    var status = stat()
    let result = fstat(descriptor, &status)
    let errorNumber = errno
    self.path = path
    self.descriptor = descriptor
    self.byteCount = Int(status.st_size)
    guard result == 0 else { throw .readFailed(path, errorNumber: errorNumber) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a pipe or a device"
      throw TrainingDataError(.notARegularFile, "\(path): expected a file, got \(kind)")
    }
  }

  deinit {
    close(descriptor)
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(TrainingDataError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw .readFailed(path, errorNumber: errno)
      }
      filled += count
    }
    position += filled
    return filled
  }

  /// Whether the file starts with the two bytes of gzip (RFC 1952, section 2.3.1); doesn't move the reading position.
  func startsWithGzipMagic() throws(TrainingDataError) -> Bool { try starts(with: [0x1f, 0x8b]) }

  /// Whether these are the first bytes; doesn't move the reading position.
  func starts(with magic: [UInt8]) throws(TrainingDataError) -> Bool {
    var start = [UInt8](repeating: 0, count: magic.count)
    let count = start.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress!, $0.count, 0) }
    guard count >= 0 else { throw .readFailed(path, errorNumber: errno) }
    return count == magic.count && start == magic
  }

  /// Another descriptor of the same open file, which the caller closes.
  func duplicateDescriptor() throws(TrainingDataError) -> Int32 {
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else { throw .readFailed(path, errorNumber: errno) }
    return duplicate
  }
}

extension TrainingDataError {
  fileprivate static func cannotOpen(_ path: String, errorNumber: Int32) -> TrainingDataError {
    switch errorNumber {
    case ENOENT, ENOTDIR, ENAMETOOLONG:
      let hint = FileNameGuess.existingNeighbour(of: path).map { "did you mean \($0)?" }
      return TrainingDataError(.fileNotFound, "\(path): no such file", hint: hint)
    case EACCES, EPERM:
      return TrainingDataError(.permissionDenied, "\(path): this user may not read the file")
    default:
      return .readFailed(path, errorNumber: errorNumber)
    }
  }

  fileprivate static func readFailed(_ path: String, errorNumber: Int32) -> TrainingDataError {
    TrainingDataError(.readFailed, "\(path): reading failed: \(String(cString: strerror(errorNumber)))")
  }
}
