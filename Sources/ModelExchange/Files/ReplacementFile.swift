import Glibc

/// A file that takes the place of another when it is complete: written beside it, made durable, then renamed over it.
///
/// Whoever reads the old name sees the old file or the new one, whole; a run that dies leaves the old one.
final class ReplacementFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var isRenamed = false
  private var buffer: [UInt8] = []

  private static let bufferByteCount = 1 << 20

  /// Opens a file that will be `folder/name`.
  init(folder: String, name: String) throws(ModelExchangeError) {
    path = "\(folder)/\(name)"
    temporaryPath = "\(folder)/.\(name).\(getpid()).tmp"
    // A file of this name is what an earlier process of the same number left when it died.
    unlink(temporaryPath)
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw Self.failure(path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isRenamed { unlink(temporaryPath) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ModelExchangeError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  func write(_ text: String) throws(ModelExchangeError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  /// Writes values as little-endian IEEE singles.
  func write(_ values: [Float]) throws(ModelExchangeError) {
    for start in stride(from: 0, to: values.count, by: Self.bufferByteCount / 4) {
      let words = values[start..<min(start + Self.bufferByteCount / 4, values.count)].map(\.bitPattern.littleEndian)
      words.withUnsafeBytes { buffer.append(contentsOf: $0) }
      try flush()
    }
  }

  /// Waits until everything written is on the disk.
  func synchronize() throws(ModelExchangeError) {
    try flush()
    while fsync(descriptor) != 0 {
      if errno != EINTR { throw Self.failure(path) }
    }
  }

  /// Takes the other file's place.
  func replace() throws(ModelExchangeError) {
    guard rename(temporaryPath, path) == 0 else { throw Self.failure(path) }
    isRenamed = true
  }

  private func flush() throws(ModelExchangeError) {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path) }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  static func failure(_ path: String, errorNumber: Int32 = errno) -> ModelExchangeError {
    ModelExchangeError(code: .writeFailed, message: "writing \(path) failed: \(String(cString: strerror(errorNumber)))")
  }
}
