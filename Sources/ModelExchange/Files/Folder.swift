import Glibc

/// What is done to folders.
package enum Folder {
  /// Makes a folder and those above it that are missing.
  ///
  /// - Returns: 0, or the number of the error.
  package static func make(_ folder: String) -> Int32 {
    var path = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      path += "\(part)/"
      // One that is there already may be on a read-only file system; what counts is whether it is a folder.
      guard mkdir(path, 0o777) != 0, errno != EEXIST else { continue }
      let errorNumber = errno
      if !exists(path) { return errorNumber }
    }
    return 0
  }

  /// Whether the path names a folder.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes the names in a folder durable: a rename may otherwise be lost with the power.
  ///
  /// - Returns: 0, or the number of the error.
  static func synchronize(_ folder: String) -> Int32 {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 ? 0 : errno
  }
}
