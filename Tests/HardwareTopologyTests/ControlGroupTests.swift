import HardwareTopology
import Testing

/// Where the control groups of a process are looked for, seen through the memory limit that they set.
struct ControlGroupTests {
  private static let tree = [
    "memory.max": "800", "a/memory.max": "700", "a/b/memory.max": "max", "x/memory.max": "100",
  ]

  @Test(
    arguments: [
      // The whole tree is visible.
      ("0::/a/b", "/", 700),
      ("0::/", "/", 800),
      // The mount shows the branch from /a on: what it calls `a` is the group /a/a.
      ("0::/a/a/b", "/a", 700),
      // The group is not under the mount's root: nothing is known.
      ("0::/x", "/a", nil),
      ("0::/ab", "/a", nil),
      // The mount's root lies above the root of the namespace: its top is an ancestor.
      ("0::/", "/..", 800),
      ("0::/x", "/../..", 800),
      // The process was moved to a group beside the root of its namespace.
      ("0::/../x", "/..", 100),
      // A removed group has no files; its ancestors stay.
      ("0::/a/gone (deleted)", "/", 700),
    ] as [(String, String, Int?)])
  func followsTheGroupThroughTheMount(group: String, root: String, byteCount: Int?) throws {
    let mounts = "30 23 0:26 \(root) /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    let limit = try limit(FakeHost(group: group + "\n", mounts: mounts, groupFiles: Self.tree))
    #expect(limit.byteCount == byteCount)
  }

  @Test func bothVersionsAreLookedAtWhereAHostMountsBoth() throws {
    let mounts = """
      30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
      31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory

      """
    let host = try FakeHost(
      group: "4:memory:/a\n0::/\n", mounts: mounts,
      groupFiles: ["unified/memory.max": "900", "memory/a/memory.limit_in_bytes": "500"])
    #expect(try limit(host).byteCount == 500)
  }

  @Test func aVersionOneTreeOfAnotherControllerDoesNotCount() throws {
    let host = try FakeHost(
      group: "4:cpu:/a\n", mounts: "31 23 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
      groupFiles: ["cpu/a/memory.limit_in_bytes": "500"])
    #expect(try limit(host).byteCount == nil)
  }

  @Test func mountPointsWithSpacesAreUnescaped() throws {
    let host = try FakeHost(
      group: "0::/\n", mounts: "30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n",
      other: ["/my groups/memory.max": "600"])
    #expect(try limit(host).byteCount == 600)
  }

  @Test(arguments: ["", "garbage", "0", "::", "0::", "\n\n:::", "x:y:z\n0::/a"])
  func aMalformedMembershipIsNeverFatal(group: String) throws {
    _ = try limit(FakeHost(group: group, mounts: "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"))
  }

  @Test(arguments: ["", "garbage", "- - - -", "1 2 3 4 5 6 -", "1 2 3 4 5 6 - cgroup2", "30 23 0:26 / - cgroup2 a b"])
  func aMalformedMountListGivesNoGroups(mounts: String) throws {
    #expect(try limit(FakeHost(group: "0::/a\n", mounts: mounts, groupFiles: Self.tree)).byteCount == nil)
  }

  private func limit(_ host: FakeHost) throws -> MemoryLimit { host.observe(MemoryLimit.current) }
}
