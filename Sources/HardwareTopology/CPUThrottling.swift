/// How often, and for how long, the control groups of this process were stopped for having used up their quota.
///
/// The counters only grow: take one value before a run and one after, and report the difference.
public struct CPUThrottling: Sendable, Hashable {
  /// The number of quota periods in which a group was stopped.
  public let periodCount: Int
  /// The time for which groups were stopped.
  public let duration: Duration

  /// Makes a value from its parts, as a test does.
  package init(periodCount: Int, duration: Duration) {
    self.periodCount = periodCount
    self.duration = duration
  }

  /// Reads the counters, summed over the process's own group and every ancestor that it sees.
  ///
  /// - Returns: `nil` where no group counts, as on a host without quotas.
  public static func current(in environment: HostEnvironment = .current()) -> CPUThrottling? {
    let groups = ControlGroups(of: "cpu", in: environment).directories
    let readings = groups.compactMap { reading(of: $0, in: environment) }
    guard let first = readings.first else { return nil }
    return readings.dropFirst().reduce(first) { sum, next in
      CPUThrottling(periodCount: sum.periodCount &+ next.periodCount, duration: sum.duration + next.duration)
    }
  }

  /// The throttling since an earlier reading.
  public func since(_ earlier: CPUThrottling) -> CPUThrottling {
    CPUThrottling(periodCount: periodCount &- earlier.periodCount, duration: duration - earlier.duration)
  }

  private static func reading(of group: ControlGroups.Directory, in environment: HostEnvironment) -> CPUThrottling? {
    guard case .text(let text) = environment.read(group.path + "/cpu.stat") else { return nil }
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    func counter(_ name: String) -> Int? { lines.first { $0.count == 2 && $0[0] == name }.flatMap { Int($0[1]) } }
    guard let periodCount = counter("nr_throttled") else { return nil }
    // Version 1 counts nanoseconds, version 2 microseconds.
    if let nanoseconds = counter("throttled_time") {
      return CPUThrottling(periodCount: periodCount, duration: .nanoseconds(nanoseconds))
    }
    return counter("throttled_usec").map { CPUThrottling(periodCount: periodCount, duration: .microseconds($0)) }
  }
}
