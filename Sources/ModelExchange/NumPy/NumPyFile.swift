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
    let file = try ReplacementFile(path: path, files: files)
    try file.write(array.npyBytes)
    try file.finish()
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
    let file = try ReplacementFile(path: path, files: files)
    try archive.finish { (bytes) throws(ModelExchangeError) in try file.write(bytes) }
    try file.finish()
  }
}
