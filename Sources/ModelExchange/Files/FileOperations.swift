import Glibc

/// A refusal of the operating system, by its number.
package struct SystemRefusal: Error, Sendable, Hashable {
  package let errorNumber: Int32

  package init(_ errorNumber: Int32) { self.errorNumber = errorNumber }

  /// The system's words for it.
  package var words: String { String(cString: strerror(errorNumber)) }
}

/// The calls of the operating system that writing and reading a model or a checkpoint consists of.
///
/// Each is one call, with all that it may do: refuse with `EINTR`, write or read less than asked. Tests put others in their
/// place, which fail, forget what was not made durable, or stop in the midst.
package protocol FileOperations: Sendable {
  /// Opens for reading.
  func open(_ path: String) throws(SystemRefusal) -> Int32
  /// Makes a file that is not there yet and opens it for writing.
  func create(_ path: String) throws(SystemRefusal) -> Int32
  /// Opens a folder, to make its names durable.
  func openFolder(_ path: String) throws(SystemRefusal) -> Int32
  /// Opens a folder that nobody else opens so; refuses with `EWOULDBLOCK` while somebody has.
  func claimFolder(_ path: String) throws(SystemRefusal) -> Int32
  /// Writes some of the bytes; returns how many.
  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemRefusal) -> Int
  /// Reads some bytes; returns how many, 0 at the end.
  func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemRefusal) -> Int
  /// How many bytes a file has.
  func byteCount(_ file: Int32) throws(SystemRefusal) -> Int
  /// Waits until everything written, or every name of a folder, is on the disk.
  func synchronize(_ file: Int32) throws(SystemRefusal)
  func close(_ file: Int32) throws(SystemRefusal)
  func rename(_ path: String, to newPath: String) throws(SystemRefusal)
  func remove(_ path: String) throws(SystemRefusal)
  /// Makes a folder whose parent is there.
  func makeFolder(_ path: String) throws(SystemRefusal)
  func folderExists(_ path: String) -> Bool
  /// The names in a folder, in any order.
  func names(in folder: String) throws(SystemRefusal) -> [String]
}

/// The operating system itself.
package struct SystemFiles: FileOperations {
  package init() {}

  package func open(_ path: String) throws(SystemRefusal) -> Int32 { try open(path, O_RDONLY) }

  package func create(_ path: String) throws(SystemRefusal) -> Int32 { try open(path, O_WRONLY | O_CREAT | O_EXCL) }

  package func openFolder(_ path: String) throws(SystemRefusal) -> Int32 { try open(path, O_RDONLY | O_DIRECTORY) }

  package func claimFolder(_ path: String) throws(SystemRefusal) -> Int32 {
    let folder = try openFolder(path)
    guard flock(folder, LOCK_EX | LOCK_NB) != 0 else { return folder }
    let refusal = SystemRefusal(errno)
    _ = Glibc.close(folder)
    throw refusal
  }

  private func open(_ path: String, _ flags: Int32) throws(SystemRefusal) -> Int32 {
    try Self.checked(Glibc.open(path, flags | O_CLOEXEC, 0o666))
  }

  package func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemRefusal) -> Int {
    try Self.checked(Glibc.write(file, bytes.baseAddress, bytes.count))
  }

  package func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemRefusal) -> Int {
    try Self.checked(Glibc.read(file, buffer.baseAddress, buffer.count))
  }

  package func byteCount(_ file: Int32) throws(SystemRefusal) -> Int {
    var status = stat()
    _ = try Self.checked(fstat(file, &status))
    return Int(status.st_size)
  }

  package func synchronize(_ file: Int32) throws(SystemRefusal) { _ = try Self.checked(fsync(file)) }

  package func close(_ file: Int32) throws(SystemRefusal) { _ = try Self.checked(Glibc.close(file)) }

  package func rename(_ path: String, to newPath: String) throws(SystemRefusal) {
    _ = try Self.checked(Glibc.rename(path, newPath))
  }

  package func remove(_ path: String) throws(SystemRefusal) { _ = try Self.checked(unlink(path)) }

  package func makeFolder(_ path: String) throws(SystemRefusal) { _ = try Self.checked(mkdir(path, 0o777)) }

  package func folderExists(_ path: String) -> Bool { Folder.exists(path) }

  package func names(in folder: String) throws(SystemRefusal) -> [String] {
    guard let stream = opendir(folder) else { throw SystemRefusal(errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func checked<Number: SignedInteger>(_ result: Number) throws(SystemRefusal) -> Number {
    guard result >= 0 else { throw SystemRefusal(errno) }
    return result
  }
}

// MARK: - What callers do with single calls

extension FileOperations {
  /// Repeats a call that a signal interrupted.
  func repeated<Result>(_ call: () throws(SystemRefusal) -> Result) throws(SystemRefusal) -> Result {
    while true {
      do {
        return try call()
      } catch {
        if error.errorNumber != EINTR { throw error }
      }
    }
  }

  /// Writes all bytes, however many calls that takes.
  func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemRefusal) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = UnsafeRawBufferPointer(rebasing: rest)
      let count = try repeated { () throws(SystemRefusal) in try write(file, chunk) }
      // No system does this for a file, but a loop that goes nowhere would be worse than an error.
      guard count > 0 else { throw SystemRefusal(EIO) }
      rest = rest.dropFirst(count)
    }
  }

  /// Fills a buffer; returns how many bytes there were.
  func readAll(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemRefusal) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = try repeated { () throws(SystemRefusal) in try read(file, into: rest) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Makes the names in a folder durable: a rename may otherwise be lost with the power.
  func synchronizeFolder(_ folder: String) throws(SystemRefusal) {
    let file = try repeated { () throws(SystemRefusal) in try openFolder(folder) }
    defer { try? close(file) }
    try repeated { () throws(SystemRefusal) in try synchronize(file) }
  }

  /// Makes a folder and those above it that are missing.
  func makeFolders(_ folder: String) throws(SystemRefusal) {
    var path = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      path += "\(part)/"
      do {
        try repeated { () throws(SystemRefusal) in try makeFolder(path) }
      } catch {
        // One that is there already may be on a read-only file system; what counts is whether it is a folder.
        if error.errorNumber != EEXIST, !folderExists(path) { throw error }
      }
    }
    if !folderExists(folder) { throw SystemRefusal(ENOTDIR) }
  }
}
