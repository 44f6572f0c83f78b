import Glibc

/// What tells that a file is a checkpoint, or was one before it was damaged.
package enum CheckpointTraces {
  /// Bytes among which the header's last tensor is looked for: the reports of a hundred thousand epochs.
  private static let headerByteLimit = 1 << 25

  /// Whether a file has the name that checkpoints get.
  package static func areInName(of path: String) -> Bool {
    CheckpointName(path.split(separator: "/").last.map(String.init) ?? path) != nil
  }

  /// Whether a file names the tensor that only checkpoints have, which the header does last.
  package static func areInHeader(of path: String) -> Bool {
    guard let file = fopen(path, "rb") else { return false }
    defer { fclose(file) }
    let mark = Array("\"\(CheckpointFile.manifestName)\":".utf8), overlap = mark.count - 1
    var bytes = [UInt8](repeating: 0, count: 1 << 20), kept = 0, total = 0
    while total < headerByteLimit {
      let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress! + kept, 1, $0.count - kept, file) }
      if count == 0 { return false }
      if Self.find(mark, in: bytes[..<(kept + count)]) { return true }
      // The mark may lie across two readings.
      let next = min(overlap, kept + count)
      bytes.replaceSubrange(0..<next, with: Array(bytes[(kept + count - next)..<(kept + count)]))
      (kept, total) = (next, total + count)
    }
    return false
  }

  private static func find(_ mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var place = 0
      while bytes.count - place >= mark.count,
        let found = memchr(bytes.baseAddress! + place, Int32(mark[0]), bytes.count - place - mark.count + 1)
      {
        if memcmp(found, mark, mark.count) == 0 { return true }
        place = UnsafeRawPointer(found) - bytes.baseAddress! + 1
      }
      return false
    }
  }
}
