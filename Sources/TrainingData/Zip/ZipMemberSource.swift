import CZip

/// The bytes of one member of an archive.
///
/// libzip checks the checksum when the end is reached, so a reader that has all it needs should ask for one byte more
/// and expect none.
final class ZipMemberSource: ByteSource {
  let path: String
  /// What the directory declares: a reader refuses a header that promises more before it takes memory.
  let byteCountLimit: Int

  private let file: OpaquePointer
  /// Keeps the archive open.
  private let archive: ZipArchive
  private var readCount = 0

  init(_ file: OpaquePointer, of member: ZipArchive.Member, in archive: ZipArchive) {
    self.file = file
    self.archive = archive
    path = archive.place(of: member)
    byteCountLimit = member.byteCount
  }

  deinit { zip_fclose(file) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TrainingDataError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = zip_fread(file, buffer.baseAddress! + filled, UInt64(buffer.count - filled))
      guard count >= 0 else { throw ZipArchive.failure(zip_file_get_error(file), path) }
      if count == 0 { break }
      filled += Int(count)
    }
    readCount += filled
    // libzip does not compare the length with the declared one.
    guard filled == buffer.count || readCount >= byteCountLimit else {
      throw TrainingDataError(
        .truncated, "\(path): expected the \(byteCountLimit) bytes that the archive declares, got \(readCount)")
    }
    // A deflated member may hold more than its declared size; nothing beyond that is handed out.
    guard readCount <= byteCountLimit else {
      throw TrainingDataError(
        .surplusData, "\(path): expected the \(byteCountLimit) bytes that the archive declares, got more")
    }
    return filled
  }

  /// Inflates the rest to nowhere, and so learns that it is really there.
  func drain() throws(TrainingDataError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { piece.deallocate() }
    while try read(into: piece) > 0 {}
  }
}
