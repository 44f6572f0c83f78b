/// Reads and writes files whole.
package enum WholeFile {
  /// Writes a file that takes the place of the one that was there, durable when this returns.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was there before stays.
  package static func write(
    _ bytes: [UInt8], to path: String, files: any FileOperations = SystemFiles()
  ) throws(ModelExchangeError) {
    let file = try ReplacementFile(path: path, files: files)
    try file.write(bytes)
    try file.finish()
  }

  /// Reads all bytes of a file.
  ///
  /// - Throws: ``ModelExchangeError`` when the file is missing or cannot be read.
  package static func read(_ path: String) throws(ModelExchangeError) -> [UInt8] {
    let file = try ModelFile(path)
    return try file.read(file.byteCount)
  }
}
