/// The bytes of a file from first to last, whatever they are wrapped in.
protocol ByteSource: AnyObject {
  /// The file's path, for messages.
  var path: String { get }

  /// A number of bytes that the source surely doesn't exceed, known before anything is read; lets a reader refuse a
  /// header that declares more, before it allocates.
  var byteCountLimit: Int { get }

  /// Fills the buffer with the next bytes.
  ///
  /// - Returns: how many bytes were written; fewer than the buffer holds only at the end.
  /// - Throws: ``TrainingDataError`` when the file can't be read or its wrapping is damaged.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TrainingDataError) -> Int
}

extension ByteSource {
  /// Whether there is nothing left; asks for one byte more, upon which a gzip stream must have passed its checksum.
  func isAtEnd() throws(TrainingDataError) -> Bool {
    var byte: UInt8 = 0
    return try withUnsafeMutableBytes(of: &byte) { (buffer) throws(TrainingDataError) in
      try read(into: buffer)
    } == 0
  }
}

/// Opens a file for reading, through zlib if its first bytes (not its name) say that it is gzip.
func openByteSource(_ path: String) throws(TrainingDataError) -> any ByteSource {
  let file = try InputFile(path: path)
  return try file.startsWithGzipMagic() ? GzipFile(file) : file
}
