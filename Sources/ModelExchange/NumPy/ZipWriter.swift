import CZip
import Glibc

/// Puts an archive together in memory, through libzip.
///
/// Members get the first date that zip can say, and no other trace of when and where they were made: the same contents give the
/// same bytes.
final class ZipWriter {
  private let path: String
  /// Where libzip writes the archive to: a buffer that outlives it.
  private let target: OpaquePointer
  private var archive: OpaquePointer?

  /// The first of January 1980.
  private static let date: UInt16 = 1 << 5 | 1
  private static let pieceByteCount = 1 << 20

  /// - Parameter path: the file that it will be, for messages.
  init(path: String) throws(ModelExchangeError) {
    self.path = path
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let target = zip_source_buffer_create(nil, 0, 0, &error) else { throw Self.failure(&error, path) }
    guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, &error) else {
      zip_source_free(target)
      throw Self.failure(&error, path)
    }
    // The archive frees its source when it is closed, and there is something to read in it then.
    zip_source_keep(target)
    self.target = target
    self.archive = archive
  }

  deinit {
    if let archive { zip_discard(archive) }
    zip_source_free(target)
  }

  /// Adds a member with these bytes, which are copied.
  func add(_ name: String, _ bytes: [UInt8], isCompressed: Bool) throws(ModelExchangeError) {
    guard let archive, let copy = malloc(max(1, bytes.count)) else { throw Self.noMemory(path) }
    bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: copy, count: $0.count).copyMemory(from: $0) }
    // From here on libzip frees the copy, whatever happens.
    guard let source = zip_source_buffer(archive, copy, UInt64(bytes.count), 1) else {
      free(copy)
      throw Self.failure(zip_get_error(archive), path)
    }
    let index = zip_file_add(archive, name, source, UInt32(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      throw Self.failure(zip_get_error(archive), path)
    }
    let method = isCompressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE
    guard zip_set_file_compression(archive, UInt64(index), method, 0) == 0,
      zip_file_set_dostime(archive, UInt64(index), 0, Self.date, 0) == 0
    else { throw Self.failure(zip_get_error(archive), path) }
  }

  /// Completes the archive and hands its bytes on, piece by piece.
  func finish(_ write: (UnsafeRawBufferPointer) throws(ModelExchangeError) -> Void) throws(ModelExchangeError) {
    guard let archive else { return }
    guard zip_close(archive) == 0 else { throw Self.failure(zip_get_error(archive), path) }
    self.archive = nil
    guard zip_source_open(target) == 0 else { throw Self.failure(zip_source_error(target), path) }
    defer { zip_source_close(target) }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceByteCount, alignment: 64)
    defer { piece.deallocate() }
    while true {
      let count = zip_source_read(target, piece.baseAddress!, UInt64(piece.count))
      guard count >= 0 else { throw Self.failure(zip_source_error(target), path) }
      if count == 0 { return }
      try write(UnsafeRawBufferPointer(rebasing: piece[..<Int(count)]))
    }
  }

  private static func failure(_ error: UnsafeMutablePointer<zip_error_t>, _ path: String) -> ModelExchangeError {
    if zip_error_code_zip(error) == ZIP_ER_MEMORY { return noMemory(path) }
    return ModelExchangeError(
      code: .writeFailed, message: "writing \(path) failed: \(String(cString: zip_error_strerror(error)))")
  }

  private static func noMemory(_ path: String) -> ModelExchangeError {
    ModelExchangeError(code: .outOfMemory, message: "no memory to put \(path) together", hint: "raise the memory limit")
  }
}
