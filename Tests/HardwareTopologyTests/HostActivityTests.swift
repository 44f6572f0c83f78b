import HardwareTopology
import Testing

struct HostActivityTests {
  /// Columns: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
  static let processors = """
    cpu  999 999 999 999 999 999 999 999 0 0
    cpu0 10 20 30 1000 500 1 2 3 10 20
    cpu1 100 0 0 1000 500 0 0 0 0 0
    cpu2 7000 0 0 1000 500 0 0 0 0 0
    intr 12 34

    """
  static let process =
    "4711 (a name) with ( brackets) R 1 1 1 0 -1 4194304 99 0 0 0 40 2 900 900 20 0 1 0 1318001 3133440\n"

  @Test func busyIsAllButIdleOnTheProcessorsOfTheMask() throws {
    let activity = try #require(try Self.activity(affinity: [0, 1]))
    #expect(activity.processorCount == 2)
    #expect(activity.busy == HostActivity.tick * (66 + 100))
  }

  @Test func withoutAMaskEveryProcessorCounts() throws {
    let activity = try #require(try Self.activity(affinity: nil))
    #expect(activity.processorCount == 3)
    #expect(activity.busy == HostActivity.tick * (66 + 100 + 7000))
  }

  @Test func ownTimeIsUserAndSystemWhateverTheProgramIsCalled() throws {
    #expect(try #require(try Self.activity(affinity: [0])).own == HostActivity.tick * 42)
  }

  @Test(arguments: [
    ["/proc/stat": processors], ["/proc/self/stat": process],
    ["/proc/stat": "cpu 1 2 3\ncpu0 1 2 3\n", "/proc/self/stat": process],
    ["/proc/stat": processors, "/proc/self/stat": "4711 (short) R 1\n"],
  ])
  func aHostThatDoesNotTellGivesNothing(files: [String: String]) throws {
    #expect(try FakeHost(affinity: [0], files).observe { HostActivity.current(in: $0) } == nil)
  }

  @Test func throttlingIsThatOfTheControlGroups() throws {
    let host = try FakeHost.version2(
      ["cpu.stat": "nr_throttled 3\nthrottled_usec 1500\n"],
      other: ["/proc/stat": Self.processors, "/proc/self/stat": Self.process])
    let activity = try #require(host.observe { HostActivity.current(in: $0) })
    #expect(activity.throttling?.periodCount == 3)
  }

  @Test func theRealHostTells() throws {
    let activity = try #require(HostActivity.current())
    #expect(activity.processorCount > 0)
    #expect(activity.busy >= .zero && activity.own >= .zero)
  }

  private static func activity(affinity: ProcessorSet?) throws -> HostActivity? {
    try FakeHost(affinity: affinity, ["/proc/stat": processors, "/proc/self/stat": process]).observe {
      HostActivity.current(in: $0)
    }
  }
}
