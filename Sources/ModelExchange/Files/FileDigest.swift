import TrainingData
import TrainingRuntime

/// The size of a file and the digest of its bytes, as `sha256sum` tells it.
package struct FileDigest: Sendable, Hashable {
  package let byteCount: Int
  /// In hexadecimal.
  package let sha256: String

  private static let pieceByteCount = 1 << 20

  /// Reads the file once, piece by piece.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing or cannot be read.
  package init(path: String) throws(TrainingDataError) {
    let file = try InputFile(path: path), digest = SHA256()
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceByteCount, alignment: 64)
    defer { piece.deallocate() }
    var total = 0
    while true {
      let count = try file.read(into: piece)
      if count == 0 { break }
      digest.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      total += count
    }
    byteCount = total
    sha256 = SHA256.hexadecimal(digest.finish())
  }
}
