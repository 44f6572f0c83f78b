import Glibc

/// What a process can see of the host that limits it: the affinity mask of the calling thread, `/proc` and `/sys`.
///
/// Everything that measures a limit takes one of these, so a test can show it a folder instead of the real host.
public struct HostEnvironment: Sendable, Hashable {
  /// The affinity mask; `nil` where the kernel does not say.
  public var affinity: ProcessorSet?
  /// What stands before every absolute path, such as `/proc/meminfo`; empty for the real host.
  public var rootPath: String

  /// Makes an environment, as a test does; see ``current()`` for the real one.
  public init(affinity: ProcessorSet?, rootPath: String = "") {
    self.affinity = affinity
    self.rootPath = rootPath
  }

  /// The real host, with the calling thread's affinity mask.
  public static func current() -> HostEnvironment { HostEnvironment(affinity: ThreadAffinity.current()) }

  /// An environment that limits nothing on `machine`: what plans for machines that are not there take.
  public static func unlimited(on machine: Machine) -> HostEnvironment {
    // No path goes on below a device, so nothing of the real host is found.
    HostEnvironment(affinity: machine.processorSet, rootPath: "/dev/null")
  }

  /// What reading a file gave.
  enum FileContent {
    case text(String)
    /// There is no such file: the host does not have the feature, which is no fault.
    case absent
    /// The file is there, but not for us, for the reason given.
    case unreadable(reason: String)
  }

  /// Reads a small text file; bytes that are not UTF-8 are replaced.
  func read(_ path: String) -> FileContent {
    let descriptor = open(rootPath + path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return Self.failure(errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    // A limit keeps a wrong path, such as an endless device, from filling the memory; mountinfo is the longest file here.
    while bytes.count < 16 << 20 {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return Self.failure(errno) }
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  private static func failure(_ code: Int32) -> FileContent {
    // ENODEV is how the kernel answers for a control group that is gone.
    let isAbsent = [ENOENT, ENOTDIR, ENODEV].contains(code)
    return isAbsent ? .absent : .unreadable(reason: String(cString: strerror(code)))
  }

  /// Reads a file and makes a value of its text; a file that is there but no use adds a note and gives `nil`.
  func value<Value>(
    of path: String, expecting form: String, notes: inout [String], parse: (Substring) -> Value?
  ) -> Value? {
    switch read(path) {
    case .absent: return nil
    case .unreadable(let reason):
      notes.append("\(rootPath)\(path) is ignored: \(reason).")
      return nil
    case .text(let text):
      let text = text.trimmingWhitespace()
      if let value = parse(text) { return value }
      notes.append("\(rootPath)\(path) is ignored: expected \(form), got “\(text.prefix(40))”.")
      return nil
    }
  }
}

extension StringProtocol {
  func trimmingWhitespace() -> SubSequence {
    let start = self.drop(while: \.isWhitespace)
    return start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)
  }
}
