import CZip
import Glibc

/// A zip archive that is open for reading, through libzip; nobody vouches for it.
///
/// Names never become paths of files, and no member is inflated before it is asked for. The directory at the archive's end
/// decides: it is what every reader of zip goes by, and libzip refuses members that contradict it.
///
/// - Source: PKWARE, `APPNOTE.TXT` 6.3.
final class ZipArchive {
  /// A member as the directory declares it.
  struct Member: Equatable {
    let name: String
    let index: UInt64
    /// Bytes when inflated.
    let byteCount: Int
    let compressedByteCount: Int
    let isDeflated: Bool
  }

  let path: String
  /// The size of the whole archive.
  let fileByteCount: Int
  let members: [Member]
  private let archive: OpaquePointer

  /// More would be an attack, or a set of files rather than of arrays.
  private static let memberLimit = 65_536
  /// Deflate can't shrink data further: 258 bytes for two bits (RFC 1951, section 3.2.5).
  private static let greatestRatio = 1032
  /// An archive of nothing has that many bytes: the end of its directory.
  private static let leastByteCount = 22

  /// Opens an archive and reads its directory.
  ///
  /// - Throws: ``TrainingDataError`` when the file is missing, unreadable, no archive, cut short or damaged; or when a member
  ///   is encrypted, compressed in another way than by deflate, named as a path that leads away, or named like another.
  init(path: String) throws(TrainingDataError) {
    let file = try InputFile(path: path)
    self.path = path
    fileByteCount = file.byteCount
    guard file.byteCount >= Self.leastByteCount else {
      throw TrainingDataError(
        .unrecognizedFormat, "\(path): expected a zip archive such as .npz, got a file of \(file.byteCount) bytes")
    }
    let descriptor = try file.duplicateDescriptor()
    var code: Int32 = 0
    guard let archive = zip_fdopen(descriptor, ZIP_CHECKCONS, &code) else {
      close(descriptor)
      throw try Self.openingFailure(code, file)
    }
    self.archive = archive
    do {
      members = try Self.members(of: archive, path: path, fileByteCount: file.byteCount)
    } catch {
      zip_discard(archive)
      throw error
    }
  }

  deinit { zip_discard(archive) }

  /// The bytes of a member, inflated as they are asked for.
  func open(_ member: Member) throws(TrainingDataError) -> ZipMemberSource {
    guard let file = zip_fopen_index(archive, member.index, 0) else {
      throw Self.failure(zip_get_error(archive), place(of: member))
    }
    return ZipMemberSource(file, of: member, in: self)
  }

  /// What messages call a member.
  func place(of member: Member) -> String { "\(path), \(member.name.shown)" }

  // MARK: - The directory

  private static func members(
    of archive: OpaquePointer, path: String, fileByteCount: Int
  ) throws(TrainingDataError) -> [Member] {
    let count = zip_get_num_entries(archive, 0)
    guard count <= memberLimit else {
      throw TrainingDataError(
        .invalidHeader, "\(path): expected an archive of \(memberLimit) members at most, got \(count)")
    }
    var members: [Member] = [], names: Set<String> = [], rest = fileByteCount
    for index in 0..<UInt64(max(0, count)) {
      let member = try member(index, of: archive, path: path)
      // libzip compares bytes; two spellings of one text would still be one name.
      guard names.insert(member.name).inserted else { throw equalNames(path) }
      // Members that share their bytes would inflate to any multiple of the file.
      rest -= member.compressedByteCount
      guard rest >= 0 else {
        throw TrainingDataError(
          .corrupted, "\(path): the members take more bytes than the archive has, so that some of them overlap")
      }
      members.append(member)
    }
    return members
  }

  private static func equalNames(_ place: String) -> TrainingDataError {
    TrainingDataError(
      .corrupted, "\(place): two members have the same name", hint: "programs would disagree on which one counts")
  }

  private static func member(
    _ index: UInt64, of archive: OpaquePointer, path: String
  ) throws(TrainingDataError) -> Member {
    var status = zip_stat_t()
    guard zip_stat_index(archive, index, UInt32(ZIP_FL_ENC_STRICT), &status) == 0 else {
      throw failure(zip_get_error(archive), path)
    }
    let needed = UInt64(
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD)
    guard status.valid & needed == needed, let cName = status.name else {
      throw TrainingDataError(.corrupted, "\(path): member \(index) is not described whole")
    }
    let name = String(cString: cName), place = "\(path), \(name.shown)"
    try requirePlain(name, path: path)
    guard status.encryption_method == UInt16(ZIP_EM_NONE) else {
      throw TrainingDataError(.invalidHeader, "\(place): the member is encrypted", hint: "save it without a password")
    }
    let isDeflated = status.comp_method == UInt16(ZIP_CM_DEFLATE)
    guard isDeflated || status.comp_method == UInt16(ZIP_CM_STORE) else {
      throw TrainingDataError(
        .invalidHeader,
        "\(place): expected a member that is stored or deflated, got compression method \(status.comp_method)",
        hint: "numpy.savez and numpy.savez_compressed write such")
    }
    guard let byteCount = Int(exactly: status.size), let compressed = Int(exactly: status.comp_size),
      isDeflated ? byteCount / greatestRatio <= compressed : byteCount == compressed
    else {
      throw TrainingDataError(
        .corrupted, "\(place): \(status.comp_size) bytes cannot inflate to the \(status.size) that are declared")
    }
    return Member(
      name: name, index: index, byteCount: byteCount, compressedByteCount: compressed, isDeflated: isDeflated)
  }

  /// Members are never written to files here, but a name that leads out of a folder is nobody's honest name.
  private static func requirePlain(_ name: String, path: String) throws(TrainingDataError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain =
      !name.isEmpty && !parts.contains("") && !parts.contains("..") && !parts.contains(".")
      && !name.unicodeScalars.contains { $0 == "\\" || $0.value < 32 || $0.value == 127 } && name.utf8.count <= 4096
    guard isPlain else {
      throw TrainingDataError(
        .invalidHeader, "\(path): expected members with plain names such as 'x.npy', got \(name.shown)")
    }
  }

  // MARK: - What goes wrong

  private static func openingFailure(_ code: Int32, _ file: InputFile) throws(TrainingDataError) -> TrainingDataError {
    guard code == ZIP_ER_NOZIP else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      return failure(&error, file.path)
    }
    guard try file.starts(with: Array("PK".utf8)) else {
      return TrainingDataError(
        .unrecognizedFormat, "\(file.path): expected a zip archive such as .npz, got other bytes")
    }
    return TrainingDataError(
      .truncated, "\(file.path): the archive's directory, which stands at its end, is missing",
      hint: "the file is cut short; copy or download it again")
  }

  /// libzip's error in this room's words.
  static func failure(_ error: UnsafeMutablePointer<zip_error_t>, _ place: String) -> TrainingDataError {
    let words = String(cString: zip_error_strerror(error)), again = "copy or download the file again"
    switch zip_error_code_zip(error) {
    case ZIP_ER_MEMORY: return TrainingDataError(.outOfMemory, "\(place): no memory to read the archive")
    case ZIP_ER_EXISTS: return equalNames(place)
    case ZIP_ER_EOF:
      return TrainingDataError(.truncated, "\(place): the archive ends before the member does", hint: again)
    case ZIP_ER_CRC:
      return TrainingDataError(
        .corrupted, "\(place): the contents do not have the checksum that is declared", hint: again)
    case ZIP_ER_READ, ZIP_ER_SEEK:
      // Where a member should lie, libzip reads what is not there.
      return TrainingDataError(.readFailed, "\(place): reading the archive failed: \(words)")
    default:
      return TrainingDataError(.corrupted, "\(place): the archive is damaged: \(words)", hint: again)
    }
  }
}
