import CZip
import TrainingData

/// Writes arrays to files that NumPy reads; each file takes its place whole and durable.
package enum NumPyFile {
  /// An array and its name in an archive.
  package typealias Named = (name: String, array: NumberArray)

  /// Writes one array as a `.npy` file.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was there before stays.
  package static func write(
    _ array: NumberArray, to path: String, files: any FileOperations = SystemFiles()
  ) throws(ModelExchangeError) {
    try ReplacementFile.write(to: path, files: files) { (file) throws(ModelExchangeError) in
      try file.write(array.npyBytes)
    }
  }

  /// Writes arrays as an archive, `.npz`, stored or deflated; the same arrays always give the same bytes.
  ///
  /// The archive is put together in memory.
  /// - Precondition: the names differ.
  /// - Throws: ``ModelExchangeError`` `.writeFailed` or `.outOfMemory`; what was there before stays.
  package static func writeArchive(
    _ arrays: [Named], to path: String, isCompressed: Bool = false, files: any FileOperations = SystemFiles()
  ) throws(ModelExchangeError) {
    let archive = try ZipWriter(path: path)
    for (name, array) in arrays {
      try archive.add("\(name).npy", array.npyBytes, isCompressed: isCompressed)
    }
    try ReplacementFile.write(to: path, files: files) { (file) throws(ModelExchangeError) in
      try archive.finish { (bytes) throws(ModelExchangeError) in try file.write(bytes) }
    }
  }
}

extension ReplacementFile {
  /// Writes a file of its own, wherever its path lies, and makes it durable.
  static func write(
    to path: String, files: any FileOperations, body: (ReplacementFile) throws(ModelExchangeError) -> Void
  ) throws(ModelExchangeError) {
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    guard !name.isEmpty, !path.utf8.contains(0) else {
      throw ModelExchangeError(code: .writeFailed, message: "expected the path of a file to write, got '\(path)'")
    }
    let file = try ReplacementFile(folder: folder, name: name, files: files)
    try body(file)
    try file.synchronize()
    try file.replace()
    do {
      try files.synchronizeFolder(folder)
    } catch {
      throw failure(path, errorNumber: error.errorNumber)
    }
  }

  func write(_ bytes: [UInt8]) throws(ModelExchangeError) {
    var failure: ModelExchangeError?
    bytes.withUnsafeBytes { bytes in
      do throws(ModelExchangeError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
