import TrainingData

/// A file of a model, read from its first byte to its last.
struct ModelFile {
  let path: String
  let byteCount: Int
  private let file: InputFile

  init(_ path: String) throws(ModelExchangeError) {
    do {
      file = try InputFile(path: path)
    } catch {
      throw ModelExchangeError(error)
    }
    self.path = path
    byteCount = file.byteCount
  }

  /// Fills the buffer with the next bytes.
  ///
  /// - Throws: `.damaged` when the file ends before.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ModelExchangeError) {
    do {
      let count = try file.read(into: buffer)
      guard count < buffer.count else { return }
    } catch {
      throw ModelExchangeError(error)
    }
    throw .damaged(path, "the file ends while it is read", hint: "is somebody writing to it?")
  }

  /// The next `count` bytes.
  func read(_ count: Int) throws(ModelExchangeError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(ModelExchangeError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }

  /// The JSON value that the next `count` bytes hold.
  func readJSON(_ count: Int) throws(ModelExchangeError) -> JSONPlace {
    let bytes = try read(count)
    do {
      return JSONPlace(try JSONParser.parse(bytes), file: path)
    } catch {
      throw .damaged(path, "\(error.message) at byte \(error.offset) of its JSON text")
    }
  }
}
