import Glibc

/// Writes a `.npy` file whose number of rows is known only at the end.
///
/// The file has another name until it is whole, and none if it never is.
final class NPYWriter {
  private let path: String
  private let unfinishedPath: String
  private let elementType: String
  /// Values of a row; nil for an array of one dimension.
  private let width: Int?
  private let descriptor: Int32
  private var isFinished = false

  /// Bytes of the header: the elements begin on a line of the cache.
  private static let headerByteCount = 128

  /// Makes the file.
  ///
  /// - Parameter elementType: the type of four bytes, as NumPy calls it.
  /// - Throws: `.writeFailed`.
  init(path: String, elementType: String, width: Int?) throws(TrainingDataError) {
    self.path = path
    self.elementType = elementType
    self.width = width
    unfinishedPath = "\(path).unfinished-\(getpid())"
    descriptor = open(unfinishedPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    try writeAll(header(rowCount: 0), at: nil)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if descriptor >= 0, !isFinished { unlink(unfinishedPath) }
  }

  /// Writes more elements.
  func append<Element: BitwiseCopyable>(_ elements: UnsafeBufferPointer<Element>) throws(TrainingDataError) {
    try writeAll(UnsafeRawBufferPointer(elements), at: nil)
  }

  /// Writes more elements.
  func append(_ elements: [Int32]) throws(TrainingDataError) {
    if let failure = elements.withUnsafeBytes({ write($0, at: nil) }) { throw failure }
  }

  /// Puts another number in the place of each element that was written, all of which are whole numbers of 32 bits.
  func renumber(_ positions: [Int]) throws(TrainingDataError) {
    var numbers = [Int32](repeating: 0, count: 16_384), place = Self.headerByteCount
    while true {
      let count = numbers.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(place)) }
      guard count >= 0 else { throw Self.failure(path, errno) }
      guard count >= 4 else { return }
      for index in 0..<count / 4 { numbers[index] = Int32(positions[Int(numbers[index])]) }
      let whole = count / 4 * 4
      let bytes = numbers.withUnsafeBytes { Array($0[..<whole]) }
      try writeAll(bytes, at: place)
      place += whole
    }
  }

  /// Writes how many rows there are, makes the file durable and gives it its name.
  func finish(rowCount: Int) throws(TrainingDataError) {
    try writeAll(header(rowCount: rowCount), at: 0)
    guard fsync(descriptor) == 0, rename(unfinishedPath, path) == 0 else { throw Self.failure(path, errno) }
    isFinished = true
  }

  private func header(rowCount: Int) -> [UInt8] {
    let shape = width.map { "(\(rowCount), \($0))" } ?? "(\(rowCount),)"
    let text = "{'descr': '\(elementType)', 'fortran_order': False, 'shape': \(shape), }"
    let start = NPYHeader.magic + [1, 0, UInt8(Self.headerByteCount - 10), 0]
    let blanks = Self.headerByteCount - start.count - text.utf8.count - 1
    return start + Array(text.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: blanks) + [UInt8(ascii: "\n")]
  }

  private func writeAll(_ bytes: [UInt8], at place: Int?) throws(TrainingDataError) {
    let failure = bytes.withUnsafeBytes { write($0, at: place) }
    if let failure { throw failure }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer, at place: Int?) throws(TrainingDataError) {
    if let failure = write(bytes, at: place) { throw failure }
  }

  /// Writes all bytes, at the end or at a place.
  private func write(_ bytes: UnsafeRawBufferPointer, at place: Int?) -> TrainingDataError? {
    var done = 0
    while done < bytes.count {
      let start = bytes.baseAddress.unsafelyUnwrapped + done, count = bytes.count - done
      let written =
        place.map { pwrite(descriptor, start, count, off_t($0 + done)) } ?? Glibc.write(descriptor, start, count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return Self.failure(path, errno) }
      done += written
    }
    return nil
  }

  private static func failure(_ path: String, _ errorNumber: Int32) -> TrainingDataError {
    TrainingDataError(.writeFailed, "\(path): writing failed: \(String(cString: strerror(errorNumber)))")
  }
}
