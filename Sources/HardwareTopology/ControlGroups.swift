/// The control groups that a controller limits this process through: its own group and every ancestor it can see.
///
/// Both generations are looked at, since a host may mount both: version 1 has a tree per controller, version 2 one tree
/// for all. The tightest limit along the way is the one that holds, whichever group sets it.
/// - Source: Linux manual pages cgroups(7) and proc(5), `/proc/[pid]/cgroup` and `/proc/[pid]/mountinfo`.
struct ControlGroups {
  enum Version { case v1, v2 }

  /// A group's directory, as a path that the environment can read.
  struct Directory: Hashable {
    let version: Version
    let path: String
  }

  /// Own group first within each mount, then outward.
  private(set) var directories: [Directory] = []
  /// What was left out, and why, as sentences.
  private(set) var notes: [String] = []

  /// Finds the groups of a controller, such as `cpu` or `memory`.
  init(of controller: String, in environment: HostEnvironment) {
    let memberships = read(ControlGroupMembership.path, in: environment, parse: ControlGroupMembership.init)
    let mounts = read(ControlGroupMount.path, in: environment, parse: ControlGroupMount.init)
    for membership in memberships where membership.has(controller) {
      for mount in mounts where mount.has(controller) && mount.version == membership.version {
        for path in mount.pathsOutward(from: membership.group) {
          let directory = Directory(version: mount.version, path: path)
          if !directories.contains(directory) { directories.append(directory) }
        }
      }
    }
  }

  private mutating func read<Line>(
    _ path: String, in environment: HostEnvironment, parse: (Substring) -> Line?
  ) -> [Line] {
    switch environment.read(path) {
    case .text(let text): return text.split(separator: "\n").compactMap(parse)
    case .absent: notes.append("\(environment.rootPath)\(path) is not there, so control group limits are unknown.")
    case .unreadable(let reason):
      notes.append("\(environment.rootPath)\(path) is ignored, so control group limits are unknown: \(reason).")
    }
    return []
  }
}

/// A line of `/proc/self/cgroup`: the group this process is in, in one tree.
struct ControlGroupMembership {
  static let path = "/proc/self/cgroup"

  let version: ControlGroups.Version
  /// Empty in version 2, where one tree serves all.
  let controllers: [Substring]
  /// The path components of the group, from the root that the process sees.
  let group: [Substring]

  /// Reads `hierarchy:controllers:path`, as in `4:cpu,cpuacct:/docker/ab12` or `0::/user.slice`.
  init?(_ line: Substring) {
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3 else { return nil }
    controllers = fields[1].split(separator: ",")
    version = controllers.isEmpty ? .v2 : .v1
    group = fields[2].split(separator: "/")
  }

  func has(_ controller: String) -> Bool { version == .v2 || controllers.contains { $0 == controller } }
}

/// A line of `/proc/self/mountinfo` that mounts a control group tree, or a branch of one.
struct ControlGroupMount {
  static let path = "/proc/self/mountinfo"

  let version: ControlGroups.Version
  /// The mount's options, which in version 1 name the controllers.
  let options: [Substring]
  /// The path components of the group that appears at `mountPoint`.
  let root: [Substring]
  let mountPoint: String

  /// Reads `id parent device root mountPoint options [tags] - type source options`.
  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
    switch fields[dash + 1] {
    case "cgroup": version = .v1
    case "cgroup2": version = .v2
    default: return nil
    }
    options = fields[dash + 3].split(separator: ",")
    root = Self.unescaped(fields[3]).split(separator: "/")
    mountPoint = Self.unescaped(fields[4])
  }

  func has(_ controller: String) -> Bool { version == .v2 || options.contains { $0 == controller } }

  /// The directories of a group and of its ancestors, as far as this mount shows them.
  func pathsOutward(from group: [Substring]) -> [String] {
    // A container may see a mount whose root lies above its own root, as `/..`: then the mount point is an ancestor.
    let isAboveOwnRoot = root.allSatisfy { $0 == ".." } && root.count > group.prefix { $0 == ".." }.count
    if isAboveOwnRoot { return [mountPoint] }
    // A branch that this process is not in says nothing about it.
    guard group.starts(with: root) else { return [] }
    let branch = group.dropFirst(root.count)
    return (0...branch.count).map { ([Substring(mountPoint)] + branch.dropLast($0)).joined(separator: "/") }
  }

  /// The kernel writes a space, tab, line feed and backslash as an octal escape, as in `\040`.
  private static func unescaped(_ field: Substring) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(field)) { text, escape in
      text.split(separator: escape.0, omittingEmptySubsequences: false).joined(separator: escape.1)
    }
  }
}
