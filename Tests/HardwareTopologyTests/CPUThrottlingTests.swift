import HardwareTopology
import Testing

struct CPUThrottlingTests {
  @Test func versionTwoCountsMicroseconds() throws {
    let host = try FakeHost.version2([
      "jobs/training/cpu.stat": "usage_usec 7\nnr_periods 20\nnr_throttled 3\nthrottled_usec 1500\n",
      "jobs/cpu.stat": "nr_periods 20\nnr_throttled 1\nthrottled_usec 500\n", "cpu.stat": "usage_usec 9\n",
    ])
    let throttling = try #require(host.observe(CPUThrottling.current))
    #expect(throttling.periodCount == 4)
    #expect(throttling.duration == .milliseconds(2))
  }

  @Test func versionOneCountsNanoseconds() throws {
    let host = try FakeHost.version1(["cpu,cpuacct/cpu.stat": "nr_periods 9\nnr_throttled 2\nthrottled_time 3000000\n"])
    let throttling = try #require(host.observe(CPUThrottling.current))
    #expect(throttling.periodCount == 2)
    #expect(throttling.duration == .milliseconds(3))
  }

  @Test(arguments: ["", "usage_usec 5\n", "nr_throttled x\nthrottled_usec 1\n", "nr_throttled 1\n"])
  func aGroupThatDoesNotCountGivesNothing(text: String) throws {
    #expect(try FakeHost.version2(["cpu.stat": text]).observe(CPUThrottling.current) == nil)
  }

  @Test func theDifferenceOfTwoReadingsIsARunsOwn() throws {
    let before = try FakeHost.version2(["cpu.stat": "nr_throttled 5\nthrottled_usec 700\n"])
    let after = try FakeHost.version2(["cpu.stat": "nr_throttled 8\nthrottled_usec 900\n"])
    let earlier = try #require(before.observe(CPUThrottling.current))
    let later = try #require(after.observe(CPUThrottling.current))
    #expect(later.since(earlier).periodCount == 3)
    #expect(later.since(earlier).duration == .microseconds(200))
  }
}
