import Foundation
import HardwareTopology

/// A host made of a temporary folder: files of `/proc` and `/sys` as a test writes them, and an affinity mask.
final class FakeHost {
  private let folder: URL
  let affinity: ProcessorSet?

  /// Writes the given files, each named by its absolute path on the host.
  init(affinity: ProcessorSet? = ProcessorSet(0..<8), _ files: [String: String]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("fake-host-\(UUID().uuidString)")
    self.affinity = affinity
    for (path, text) in files {
      let file = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var rootPath: String { folder.path }

  /// Measures something of this host while its files are surely there.
  func observe<Value>(_ measure: (HostEnvironment) throws -> Value) rethrows -> Value {
    try withExtendedLifetime(self) { try measure(HostEnvironment(affinity: affinity, rootPath: rootPath)) }
  }

  /// Puts a folder where a file is expected: even root cannot read it as one.
  func obstruct(_ path: String) throws {
    let file = folder.appendingPathComponent(path)
    try? FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
  }
}

extension FakeHost {
  /// A version 2 host with this process in `/jobs/training`, and the given files below `/sys/fs/cgroup`.
  static func version2(_ groupFiles: [String: String], other: [String: String] = [:]) throws -> FakeHost {
    let mounts = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    return try FakeHost(group: "0::/jobs/training\n", mounts: mounts, groupFiles: groupFiles, other: other)
  }

  /// A version 1 host with this process in `/docker/ab12`, as a container without a namespace of its own sees it.
  static func version1(_ groupFiles: [String: String], other: [String: String] = [:]) throws -> FakeHost {
    let mounts = """
      31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
      32 31 0:29 /docker/ab12 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      33 31 0:30 /docker/ab12 /sys/fs/cgroup/memory ro master:9 - cgroup cgroup rw,memory

      """
    let group = "3:memory:/docker/ab12/task\n2:cpu,cpuacct:/docker/ab12/task\n1:name=systemd:/docker/ab12\n"
    return try FakeHost(group: group, mounts: mounts, groupFiles: groupFiles, other: other)
  }

  convenience init(
    group: String, mounts: String, groupFiles: [String: String] = [:], other: [String: String] = [:]
  ) throws {
    var files = ["/proc/self/cgroup": group, "/proc/self/mountinfo": mounts]
    for (path, text) in groupFiles { files["/sys/fs/cgroup/" + path] = text }
    try self.init(files.merging(other) { $1 })
  }
}
