import Glibc

/// A text in memory, checked to be UTF-8 without NUL characters, with a line feed behind its end.
final class TextFile {
  let path: String
  /// The bytes, a byte order mark left out.
  let bytes: UnsafePointer<UInt8>
  /// How many bytes there are, the line feed behind them not counted.
  let count: Int

  private let memory: UnsafeMutableRawPointer

  /// How many times its size a compressed file may inflate to, beyond ``inflatedAllowance``; text seldom reaches 20.
  private static let ratioLimit = 256
  private static let inflatedAllowance = 16 << 20

  /// Reads a file, plain or with gzip, to its end.
  ///
  /// - Throws: ``TrainingDataError`` when it cannot be read, inflates to more than a text does, or is no text.
  init(path: String) throws(TrainingDataError) {
    self.path = path
    let (memory, count) = try Self.read(path)
    let bytes = memory.assumingMemoryBound(to: UInt8.self)
    bytes[count] = UInt8(ascii: "\n")
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let skipped = count >= 3 && (0..<3).allSatisfy { bytes[$0] == mark[$0] } ? 3 : 0
    self.memory = memory
    self.bytes = UnsafePointer(bytes + skipped)
    self.count = count - skipped
    try requireText()
  }

  deinit { free(memory) }

  private static func read(_ path: String) throws(TrainingDataError) -> (UnsafeMutableRawPointer, Int) {
    let file = try InputFile(path: path)
    let isCompressed = try file.startsWithGzipMagic()
    let source: any ByteSource = isCompressed ? try GzipFile(file) : file
    let limit = isCompressed ? file.byteCount.multiplied(by: ratioLimit) + inflatedAllowance : Int.max - 1
    var capacity = isCompressed ? max(4096, file.byteCount.multiplied(by: 4)) : file.byteCount + 1
    guard var memory = malloc(capacity + 1) else { throw noMemory(path) }
    var count = 0
    do throws(TrainingDataError) {
      while true {
        let room = UnsafeMutableRawBufferPointer(start: memory + count, count: capacity - count)
        count += try source.read(into: room)
        if count < capacity { return (memory, count) }
        guard count <= limit else {
          throw TrainingDataError(
            .corrupted,
            "\(path): expected a text that inflates to \(ratioLimit) times its \(file.byteCount) bytes at most, got more",
            hint: "unpack it first if it is meant to")
        }
        capacity = capacity.multiplied(by: 2)
        guard let larger = realloc(memory, capacity + 1) else { throw noMemory(path) }
        memory = larger
      }
    } catch {
      free(memory)
      throw error
    }
  }

  private static func noMemory(_ path: String) -> TrainingDataError {
    TrainingDataError(.outOfMemory, "\(path): no memory for the text")
  }

  /// Refuses what is no UTF-8 text, at its line.
  private func requireText() throws(TrainingDataError) {
    if count >= 2, (bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff) {
      throw TrainingDataError(
        .unrecognizedFormat, "\(path): expected UTF-8 text, got UTF-16", hint: "save it as UTF-8")
    }
    if let zero = memchr(bytes, 0, count) {
      let offset = UnsafeRawPointer(zero) - UnsafeRawPointer(bytes)
      throw TrainingDataError(
        .unrecognizedFormat, "\(path):\(line(at: offset)): expected text, got a NUL byte", hint: "is it a binary file?")
    }
    do {
      _ = try UTF8Span(validating: Span(_unsafeStart: bytes, count: count))
    } catch {
      let offset = error.byteOffsets.lowerBound
      throw TrainingDataError(
        .unrecognizedFormat,
        "\(path):\(line(at: offset)): expected UTF-8 text, got the byte 0x\(String(bytes[offset], radix: 16))",
        hint: "save it as UTF-8, or is it a binary file?")
    }
  }

  /// The line, counted from 1, that has the byte at an offset.
  private func line(at offset: Int) -> Int {
    var line = 1
    for position in 0..<offset where bytes[position] == UInt8(ascii: "\n") { line += 1 }
    return line
  }
}

extension Int {
  /// The product, or a number so large that no file reaches it.
  fileprivate func multiplied(by factor: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: factor)
    return overflows ? Int.max >> 2 : Swift.min(product, Int.max >> 2)
  }
}
