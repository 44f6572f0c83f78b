import Glibc

/// A folder of its own for one test, removed with everything in it when the test ends.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/fascicle-data-XXXXXX".utf8CString)
    let created = mkdtemp(&template) != nil
    precondition(created, "no temporary folder: \(String(cString: strerror(errno)))")
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    guard let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { remove("\(path)/\(name)") }
    }
    closedir(folder)
    rmdir(path)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) -> String {
    let filePath = "\(path)/\(name)"
    let descriptor = open(filePath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let count = Glibc.write(descriptor, bytes, bytes.count)
    precondition(count == bytes.count, "could not write \(filePath)")
    close(descriptor)
    return filePath
  }
}
