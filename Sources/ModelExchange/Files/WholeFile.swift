/// Writes files whole.
package enum WholeFile {
  /// Writes a file that takes the place of the one that was there, durable when this returns.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was there before stays.
  package static func write(
    _ bytes: [UInt8], to path: String, files: any FileOperations = SystemFiles()
  ) throws(ModelExchangeError) {
    try ReplacementFile.write(to: path, files: files) { (file) throws(ModelExchangeError) in try file.write(bytes) }
  }
}
