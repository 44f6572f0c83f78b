import Fascicle
import FascicleCommand
import Foundation
import Synchronization
import Testing

@Suite("Warnings about a measurement")
struct MeasurementWarningTests {
  @Test("a quiet machine and steady repeats give none")
  func quiet() {
    #expect(warnings(busy: .seconds(20), own: .seconds(20)) == [])
    #expect(warnings(spread: MeasurementWarnings.spreadLimit) == [])
    #expect(warnings(throttledPeriods: 0) == [])
  }

  @Test("other programs are told with their share of the processors")
  func others() {
    #expect(
      warnings(busy: .seconds(14), own: .seconds(10))
        == ["other programs had 20 % of the 2 processors; stop them and measure again"])
  }

  @Test("what is below the limit, within a tick a processor, or negative is no warning")
  func othersWithinReason() {
    #expect(warnings(busy: .milliseconds(10_500), own: .seconds(10)) == [])
    #expect(warnings(seconds: 0.1, busy: .milliseconds(120), own: .milliseconds(100)) == [])
    #expect(warnings(busy: .zero, own: .seconds(10)) == [])
  }

  @Test("throttling is told with its periods and its time")
  func throttled() {
    #expect(
      warnings(throttledPeriods: 3) == [
        "the control group's CPU quota stopped this process in 3 periods, for 30 ms in all; raise the quota, or use "
          + "fewer workers"
      ])
    #expect(warnings(throttledPeriods: 1).first?.contains("in 1 period, for 10 ms") == true)
  }

  @Test("a spread above a tenth is told")
  func spread() {
    #expect(
      warnings(spread: 0.24) == [
        "the repeats differ by 24 % of their median, where 10 % is fair; measure longer, or when the machine is quiet"
      ])
  }

  @Test("where the kernel tells nothing, the spread is judged all the same")
  func silentKernel() {
    #expect(MeasurementWarnings.sentences(from: nil, to: nil, relativeSpread: 0.05) == [])
    #expect(MeasurementWarnings.sentences(from: nil, to: nil, relativeSpread: 0.5).count == 1)
  }

  @Test("all that is wrong is told, one sentence each")
  func everything() {
    #expect(warnings(busy: .seconds(20), own: .seconds(1), throttledPeriods: 9, spread: 3).count == 3)
  }

  /// Between two readings of a host with two processors, `seconds` apart.
  private func warnings(
    seconds: Double = 10, busy: Duration = .zero, own: Duration = .zero, throttledPeriods: Int = 0, spread: Double = 0
  ) -> [String] {
    func activity(after seconds: Double, busy: Duration, own: Duration, periods: Int) -> HostActivity {
      HostActivity(
        time: start.advanced(by: .seconds(seconds)), processorCount: 2, busy: .seconds(5000) + busy,
        own: .seconds(70) + own,
        throttling: CPUThrottling(periodCount: 8 + periods, duration: .milliseconds(10 * periods)))
    }
    return MeasurementWarnings.sentences(
      from: activity(after: 0, busy: .zero, own: .zero, periods: 0),
      to: activity(after: seconds, busy: busy, own: own, periods: throttledPeriods), relativeSpread: spread)
  }

  private let start = ContinuousClock.now

  @Test(
    "bench warns, in its events and on standard error, while other programs keep every processor busy",
    arguments: [
      ([], "tiny, 1 worker"), (["--inference"], "tiny, batch 1, 1 worker"), (["--scaling"], "tiny"),
      (["--scaling", "--topology", "core:2 pu:1"], "tiny"),
    ])
  func busyMachine(mode: [String], name: String) throws {
    let neighbours = BusyThreads(count: try #require(HostActivity.current()).processorCount)
    defer { neighbours.stop() }
    let outcome = try Driver.run(
      ["bench", "--workload", "tiny", "--workers", "1", "--seconds", "0.2", "--json"] + mode)
    let warnings = try #require(try outcome.events().first?["warnings"] as? [String])
    #expect(warnings.contains { $0.hasPrefix("other programs had ") }, "\(warnings)")
    #expect(outcome.error.hasPrefix(warnings.map { "warning: \(name): \($0)\n" }.joined()), "\(outcome.error)")
  }
}

/// Threads of this process, which to the driver is one of the others, that compute for nothing.
///
/// Processes would do too, but inherit the pipes of drivers that other tests start at the same time.
private final class BusyThreads: Sendable {
  private let isStopped = Atomic<Bool>(false)

  init(count: Int) {
    for _ in 0..<count {
      Thread { [self] in
        // Relaxed: carries no data.
        while !isStopped.load(ordering: .relaxed) {}
      }.start()
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }
}
