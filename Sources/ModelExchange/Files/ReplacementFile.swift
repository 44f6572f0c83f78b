import Glibc

/// A file that takes the place of another when it is complete: written beside it, made durable, then renamed over it.
///
/// Whoever reads the old name sees the old file or the new one, whole; a run that dies leaves the old one.
package final class ReplacementFile {
  private let path: String
  private let folder: String
  private let temporaryPath: String
  private let files: any FileOperations
  private let file: Int32
  private var isRenamed = false
  private var buffer: [UInt8] = []

  private static let bufferByteCount = 1 << 20
  /// How names of files end that are not complete yet.
  static let temporarySuffix = ".tmp"

  /// Opens a file that will be `folder/name`.
  init(folder: String, name: String, files: any FileOperations = SystemFiles()) throws(ModelExchangeError) {
    let path = "\(folder)/\(name)", temporaryPath = "\(folder)/.\(name).\(getpid())\(Self.temporarySuffix)"
    self.path = path
    self.folder = folder
    self.temporaryPath = temporaryPath
    self.files = files
    // A file of this name is what an earlier process of the same number left when it died.
    try? files.repeated { () throws(SystemRefusal) in try files.remove(temporaryPath) }
    file = try Self.naming(path) { () throws(SystemRefusal) in
      try files.repeated { () throws(SystemRefusal) in try files.create(temporaryPath) }
    }
  }

  deinit {
    // What was synchronized is on the disk, and the rest is given up: closing has nothing to add.
    try? files.close(file)
    if !isRenamed { try? files.repeated { () throws(SystemRefusal) in try files.remove(temporaryPath) } }
  }

  /// Opens a file that will have this path.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`.
  package convenience init(
    path: String, files: any FileOperations = SystemFiles()
  ) throws(ModelExchangeError) {
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    guard !name.isEmpty, !path.utf8.contains(0) else {
      throw ModelExchangeError(code: .writeFailed, message: "expected the path of a file to write, got '\(path)'")
    }
    try self.init(folder: folder, name: name, files: files)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ModelExchangeError) {
    guard bytes.count < Self.bufferByteCount else {
      try flush()
      return try writeAll(bytes)
    }
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  /// Writes bytes.
  package func write(_ bytes: [UInt8]) throws(ModelExchangeError) {
    var failure: ModelExchangeError?
    bytes.withUnsafeBytes { bytes in
      do throws(ModelExchangeError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Writes a text as UTF-8.
  package func write(_ text: String) throws(ModelExchangeError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  /// Writes values as little-endian IEEE singles.
  package func write(_ values: [Float]) throws(ModelExchangeError) {
    for start in stride(from: 0, to: values.count, by: Self.bufferByteCount / 4) {
      let words = values[start..<min(start + Self.bufferByteCount / 4, values.count)].map(\.bitPattern.littleEndian)
      words.withUnsafeBytes { buffer.append(contentsOf: $0) }
      try flush()
    }
  }

  /// Waits until everything written is on the disk.
  func synchronize() throws(ModelExchangeError) {
    try flush()
    try Self.naming(path) { () throws(SystemRefusal) in
      try files.repeated { () throws(SystemRefusal) in try files.synchronize(file) }
    }
  }

  /// Takes the other file's place.
  func replace() throws(ModelExchangeError) {
    try Self.naming(path) { () throws(SystemRefusal) in
      try files.repeated { () throws(SystemRefusal) in try files.rename(temporaryPath, to: path) }
    }
    isRenamed = true
  }

  /// Makes the file durable, and lets it take its place for good.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was there before stays, unless only its folder could not be written.
  package func finish() throws(ModelExchangeError) {
    try synchronize()
    try replace()
    do {
      try files.synchronizeFolder(folder)
    } catch {
      throw Self.failure(path, errorNumber: error.errorNumber)
    }
  }

  private func flush() throws(ModelExchangeError) {
    let bytes = buffer
    buffer.removeAll(keepingCapacity: true)
    var failure: ModelExchangeError?
    bytes.withUnsafeBytes { bytes in
      do throws(ModelExchangeError) { try writeAll(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(ModelExchangeError) {
    try Self.naming(path) { () throws(SystemRefusal) in try files.writeAll(file, bytes) }
  }

  private static func naming<Result>(
    _ path: String, _ call: () throws(SystemRefusal) -> Result
  ) throws(ModelExchangeError) -> Result {
    do {
      return try call()
    } catch {
      throw failure(path, errorNumber: error.errorNumber)
    }
  }

  static func failure(_ path: String, errorNumber: Int32 = errno) -> ModelExchangeError {
    ModelExchangeError(code: .writeFailed, message: "writing \(path) failed: \(String(cString: strerror(errorNumber)))")
  }
}
