import Glibc

/// Makes paths absolute, so that a resolved configuration means the same wherever it is read.
enum PathResolution {
  /// A path as it was written: beside the configuration when a file gave it, else from the current folder.
  static func absolute(_ path: String, writtenIn place: SourcePlace) -> String {
    if path.hasPrefix("/") { return path }
    guard let file = place.filePath else { return absolute(path) }
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    return absolute(folder + path)
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    return "\(String(cString: folder))/\(relative)"
  }
}
