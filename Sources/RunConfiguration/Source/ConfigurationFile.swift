import Glibc

/// Reads a configuration file as text.
enum ConfigurationFile {
  /// The largest file that is taken for a configuration.
  static let byteCountLimit = 1 << 20

  /// The text of the file at `path`.
  static func text(at path: String) throws(RunConfigurationError) -> String {
    let place = SourcePlace.file(path)
    let bytes = try bytes(at: path, place: place)
    guard bytes.count <= byteCountLimit else {
      throw RunConfigurationError(
        .notYAML, place, "a configuration may have \(byteCountLimit) bytes at most, but this file is larger",
        hint: "is it a data file?")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RunConfigurationError(
        .notYAML, place, "a configuration is UTF-8 text, but this file holds other bytes",
        hint: "save it as UTF-8, or is it a data file?")
    }
    return text
  }

  private static func bytes(at path: String, place: SourcePlace) throws(RunConfigurationError) -> [UInt8] {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    let descriptor = path.utf8.contains(0) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw cannotOpen(place, errorNumber: path.utf8.contains(0) ? ENOENT : errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw readFailed(place, errorNumber: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw RunConfigurationError(
        .missing, place, "expected a configuration file, got \(isDirectory ? "a directory" : "a pipe or a device")",
        hint: isDirectory ? "name a file in it, such as \(path.hasSuffix("/") ? path : path + "/")run.yaml" : nil)
    }
    return try readAll(descriptor, place: place)
  }

  /// Reads until the end, or just past the limit.
  private static func readAll(_ descriptor: Int32, place: SourcePlace) throws(RunConfigurationError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= byteCountLimit {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw readFailed(place, errorNumber: errno) }
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return bytes
  }

  private static func cannotOpen(_ place: SourcePlace, errorNumber: Int32) -> RunConfigurationError {
    switch errorNumber {
    case ENOENT, ENOTDIR, ENAMETOOLONG:
      RunConfigurationError(.missing, place, "no such configuration file")
    case EACCES, EPERM:
      RunConfigurationError(.missing, place, "this user may not read the configuration file")
    default:
      readFailed(place, errorNumber: errorNumber)
    }
  }

  private static func readFailed(_ place: SourcePlace, errorNumber: Int32) -> RunConfigurationError {
    RunConfigurationError(.readFailed, place, "reading failed: \(String(cString: strerror(errorNumber)))")
  }
}
