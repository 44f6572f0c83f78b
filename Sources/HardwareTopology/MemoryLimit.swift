/// How much memory this process may use before something stops it.
public struct MemoryLimit: Sendable, Hashable {
  /// The limit in bytes: the smallest of the control groups' limits and of what the host has left; `nil` if unknown.
  public let byteCount: Int?
  /// The file that sets the limit; `nil` if it is unknown.
  public let path: String?
  /// What was ignored on the way, and why, as sentences.
  public let notes: [String]

  /// Measures the limit at this moment.
  ///
  /// Looked at are the memory limits (version 1 and 2) of the process's own control group and every ancestor that it
  /// sees, and `MemAvailable` of `/proc/meminfo`. What the groups already use is not subtracted.
  public static func current(in environment: HostEnvironment = .current()) -> MemoryLimit {
    let groups = ControlGroups(of: "memory", in: environment)
    var notes = groups.notes
    var limits = groups.directories.compactMap { limit(of: $0, in: environment, notes: &notes) }
    let available = environment.value(
      of: "/proc/meminfo", expecting: "a line “MemAvailable: … kB”", notes: &notes, parse: availableByteCount)
    if let available { limits.append((available, environment.rootPath + "/proc/meminfo")) }
    let tightest = limits.min { $0.byteCount < $1.byteCount }
    return MemoryLimit(byteCount: tightest?.byteCount, path: tightest?.path, notes: notes)
  }

  private typealias Limit = (byteCount: Int, path: String)

  private static func limit(
    of group: ControlGroups.Directory, in environment: HostEnvironment, notes: inout [String]
  ) -> Limit? {
    let path = group.path + (group.version == .v1 ? "/memory.limit_in_bytes" : "/memory.max")
    let byteCount = environment.value(of: path, expecting: "a number of bytes or “max”", notes: &notes) { text in
      text == "max" ? Int.max : Int(text).flatMap { $0 >= 0 ? $0 : nil }
    }
    // Version 1 writes "no limit" as the largest number of whole pages, which depends on the page's size.
    guard let byteCount, byteCount < 1 << 62 else { return nil }
    return (byteCount, environment.rootPath + path)
  }

  private static func availableByteCount(_ text: Substring) -> Int? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    guard let fields = line?.split(separator: " "), fields.count == 3, fields[2] == "kB", let kibibytes = Int(fields[1])
    else { return nil }
    let (byteCount, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
    return overflow || byteCount < 0 ? nil : byteCount
  }
}
