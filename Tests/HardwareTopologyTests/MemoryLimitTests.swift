import HardwareTopology
import Testing

struct MemoryLimitTests {
  private static let memoryInfo = ["/proc/meminfo": "MemTotal:  4000 kB\nMemFree:  1000 kB\nMemAvailable:  3000 kB\n"]

  @Test func theSmallestOfGroupAncestorAndHostHolds() throws {
    let group = try FakeHost.version2(
      ["jobs/training/memory.max": "5000", "jobs/memory.max": "4000"], other: Self.memoryInfo)
    #expect(group.observe(MemoryLimit.current).byteCount == 4000)
    let host = try FakeHost.version2(["jobs/training/memory.max": "99999999"], other: Self.memoryInfo)
    let limit = host.observe(MemoryLimit.current)
    #expect(limit.byteCount == 3000 * 1024)
    #expect(limit.path == host.rootPath + "/proc/meminfo")
  }

  @Test func versionOnesWordForNoLimitIsNoLimit() throws {
    let host = try FakeHost.version1(["memory/memory.limit_in_bytes": "9223372036854771712\n"])
    #expect(host.observe(MemoryLimit.current).byteCount == nil)
    let limited = try FakeHost.version1(["memory/memory.limit_in_bytes": "1073741824\n"], other: Self.memoryInfo)
    #expect(limited.observe(MemoryLimit.current).byteCount == 3000 * 1024)
  }

  @Test func nothingReadableMeansUnknown() throws {
    let limit = try FakeHost([:]).observe(MemoryLimit.current)
    #expect(limit.byteCount == nil && limit.path == nil)
    #expect(limit.notes.count == 2)
  }

  @Test(arguments: [
    "", "MemAvailable:", "MemAvailable: x kB", "MemAvailable: 5 MB", "MemAvailable: 9223372036854775807 kB",
  ])
  func malformedMemoryInformationIsIgnoredAndNoted(text: String) throws {
    let host = try FakeHost.version2(["memory.max": "777"], other: ["/proc/meminfo": text])
    let limit = host.observe(MemoryLimit.current)
    #expect(limit.byteCount == 777)
    #expect(limit.notes.count == 1)
  }

  @Test(arguments: ["-1", "lots", "99999999999999999999999"])
  func aMalformedGroupLimitIsIgnoredAndNoted(text: String) throws {
    let host = try FakeHost.version2(["memory.max": text], other: Self.memoryInfo)
    let limit = host.observe(MemoryLimit.current)
    #expect(limit.byteCount == 3000 * 1024)
    #expect(limit.notes.count == 1)
  }

  @Test func theRunningProcessHasSomeMemory() throws {
    #expect(try #require(MemoryLimit.current().byteCount) > 0)
  }
}
