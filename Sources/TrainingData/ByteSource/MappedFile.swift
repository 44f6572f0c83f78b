import CPlatform
import Glibc

/// A file that is read where it lies: the system brings its pages when they are touched, and may take them away again.
///
/// Nothing of it need fit into memory. Where the file is cut short meanwhile, or the disk fails, zeros are read, and
/// ``requireUnchanged()`` says so.
/// - Concurrency: safe to share, because nothing writes. Pointers are valid while this object lives.
package final class MappedFile: @unchecked Sendable {
  /// The file's path, for messages.
  package let path: String
  /// How many bytes the file has.
  package let byteCount: Int

  private let descriptor: Int32
  private let modified: timespec
  private var mapping: platform_mapping

  /// Bytes that may be read behind the last one.
  private static let readableTail = 64

  /// Maps a file that is open for reading.
  ///
  /// - Throws: `.outOfMemory` or `.readFailed` when the system refuses, and `.truncated` when the file is shorter by now.
  package init(_ file: InputFile) throws(TrainingDataError) {
    path = file.path
    byteCount = file.byteCount
    descriptor = try file.duplicateDescriptor()
    // Whole before anything can throw, so that `deinit` gives back what there is.
    mapping = platform_mapping()
    var status = stat()
    let found = fstat(descriptor, &status)
    modified = status.st_mtim
    let failure = found == 0 ? platform_map_file(descriptor, byteCount, Self.readableTail, &mapping) : errno
    guard failure == 0 else {
      throw TrainingDataError(
        failure == ENOMEM ? .outOfMemory : .readFailed,
        "\(path): the file can't be mapped: \(String(cString: strerror(failure)))")
    }
    guard Int(status.st_size) == byteCount else { throw Self.changed(path) }
  }

  deinit {
    platform_unmap_file(&mapping)
    close(descriptor)
  }

  /// The file's first byte, at the start of a page; readable for 64 bytes past the last.
  var baseAddress: UnsafeRawPointer { UnsafeRawPointer(mapping.start) }

  /// Refuses a file that is not what it was when it was mapped.
  ///
  /// - Throws: `.truncated` when bytes were lost, `.corrupted` when somebody wrote to the file.
  /// - Complexity: one call of the system.
  package func requireUnchanged() throws(TrainingDataError) {
    guard platform_mapping_is_damaged(&mapping) == 0 else {
      throw TrainingDataError(
        .truncated, "\(path): the file was cut short, or its disk failed, while it was being read",
        hint: "copy the file again, and go on from the last checkpoint")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) == byteCount, status.st_mtim == modified else {
      throw Self.changed(path)
    }
  }

  private static func changed(_ path: String) -> TrainingDataError {
    TrainingDataError(
      .corrupted, "\(path): somebody wrote to the file while it was being read",
      hint: "a file that is mapped must stay as it is; write a new one and rename it")
  }

  /// Asks the system to bring bytes that will be read soon; does not wait for them.
  package func prefetch(_ bytes: Range<Int>) { advise(bytes, MADV_WILLNEED) }

  /// Tells the system that bytes are not needed for now: what they took of memory is free for others.
  package func release(_ bytes: Range<Int>) { advise(bytes, MADV_DONTNEED) }

  private func advise(_ bytes: Range<Int>, _ advice: Int32) {
    let page = Int(getpagesize())
    let first = max(0, bytes.lowerBound) & ~(page - 1), end = min(byteCount, bytes.upperBound)
    if end > first { madvise(UnsafeMutableRawPointer(mutating: baseAddress + first), end - first, advice) }
  }
}

extension timespec {
  fileprivate static func == (one: timespec, other: timespec) -> Bool {
    one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec
  }
}
