/// How a file begins, inflated where it is compressed with gzip: enough to tell what it is.
package struct FileStart: Sendable {
  /// The first bytes, fewer where the file has fewer.
  package let bytes: [UInt8]
  /// Whether the file is compressed.
  package let isCompressed: Bool

  /// Bytes that are looked at.
  private static let byteCount = 4096

  /// Reads the beginning.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable or damaged there.
  package init(path: String) throws(TrainingDataError) {
    let file = try InputFile(path: path)
    isCompressed = try file.startsWithGzipMagic()
    let source: any ByteSource = isCompressed ? try GzipFile(file) : file
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    let count = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(TrainingDataError) in
      try source.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    self.bytes = Array(bytes.prefix(count))
  }

  /// Whether it is a NumPy array.
  package var isNPY: Bool { bytes.starts(with: NPYHeader.magic) }

  /// Whether it begins as IDX does; a file that is too short for a word may have been one.
  package var mayBeIDX: Bool { bytes.count < 4 || bytes.starts(with: [0, 0]) }

  /// Whether it is text of more than one line.
  package var isText: Bool {
    let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    return isPlain && bytes.contains { $0 == 0x0a || $0 == 0x0d }
  }

  /// Whether it is text whose first line that is not empty has a number and pairs of index and value.
  package var isLIBSVM: Bool {
    guard isText else { return false }
    let lines = bytes.split { $0 == 0x0a || $0 == 0x0d }
    for line in lines {
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 0x20 || $0 == 0x09 }
      guard let label = words.first else { continue }
      guard DecimalNumber.float(String(decoding: label, as: UTF8.self)) != nil, words.count > 1 else { return false }
      // The last word may be cut.
      return words.dropFirst().prefix(3).allSatisfy { word in
        let parts = word.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count == 2
          && (parts[0].elementsEqual("qid".utf8) || Int(String(decoding: parts[0], as: UTF8.self)) != nil)
      }
    }
    return false
  }
}
