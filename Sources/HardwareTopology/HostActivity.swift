import Glibc

/// What this process's processors have been busy with, and how often it was held back, up to a moment.
///
/// The counters only grow: take one value before a measurement and one after, and look at the difference. They are of the
/// calling thread's affinity mask, where the process's threads run.
/// - Source: Linux manual page proc(5), `/proc/stat` and `/proc/[pid]/stat`.
package struct HostActivity: Sendable, Hashable {
  /// The moment.
  package let time: ContinuousClock.Instant
  /// How many processors ``busy`` is the sum of.
  package let processorCount: Int
  /// The time for which these processors did anything for anyone, or were taken away by a hypervisor (steal).
  package let busy: Duration
  /// The time that this process has had, all of its threads together.
  package let own: Duration
  /// How often its control groups were stopped; `nil` where no group counts.
  package let throttling: CPUThrottling?

  /// Makes a value from its parts, as a test does.
  package init(
    time: ContinuousClock.Instant, processorCount: Int, busy: Duration, own: Duration, throttling: CPUThrottling?
  ) {
    self.time = time
    self.processorCount = processorCount
    self.busy = busy
    self.own = own
    self.throttling = throttling
  }

  /// Reads the counters.
  ///
  /// - Returns: `nil` where the kernel does not tell them.
  package static func current(in environment: HostEnvironment = .current()) -> HostActivity? {
    guard let busy = busyTicks(in: environment), let own = ownTicks(in: environment) else { return nil }
    return HostActivity(
      time: .now, processorCount: busy.processorCount, busy: tick * busy.ticks, own: tick * own,
      throttling: CPUThrottling.current(in: environment))
  }

  /// The unit in which the kernel counts, 10 ms; whatever is shorter may be counted or not.
  package static var tick: Duration { .seconds(1) / max(1, sysconf(Int32(_SC_CLK_TCK))) }

  /// The processors' time since an earlier value that others had, as a share of all that there was.
  ///
  /// A tick for each processor is let pass, for the process's own time is counted more finely than the processors'.
  package func shareOfOthers(since earlier: HostActivity) -> Double {
    let elapsed = (time - earlier.time) * processorCount
    let others = (busy - earlier.busy) - (own - earlier.own) - Self.tick * processorCount
    return elapsed > .zero ? max(0, others / elapsed) : 0
  }

  /// Sums the processors of the affinity mask, or all where it is not known.
  private static func busyTicks(in environment: HostEnvironment) -> (processorCount: Int, ticks: Int)? {
    guard case .text(let text) = environment.read("/proc/stat") else { return nil }
    let ticks = text.split(separator: "\n").compactMap { line -> Int? in
      let fields = line.split(separator: " ")
      guard let name = fields.first, name.hasPrefix("cpu"), let processor = Int(name.dropFirst(3)) else { return nil }
      if let affinity = environment.affinity, !affinity.contains(processor) { return nil }
      return busyTicks(fields.dropFirst().map { Int($0) ?? 0 })
    }
    return ticks.isEmpty ? nil : (ticks.count, ticks.reduce(0, &+))
  }

  /// All of user, nice, system, idle, iowait, irq, softirq and steal but the idle two; guests are within user and nice.
  private static func busyTicks(_ times: [Int]) -> Int? {
    guard times.count >= 8 else { return nil }
    return times[..<3].reduce(0, &+) &+ times[5..<8].reduce(0, &+)
  }

  /// The 14th and 15th field, user and system time; the second is the program's name in brackets, which may hold blanks.
  private static func ownTicks(in environment: HostEnvironment) -> Int? {
    guard case .text(let text) = environment.read("/proc/self/stat"), let name = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[name...].split(separator: " ").dropFirst()
    // The program's name is dropped, so the 3rd field stands first.
    guard let user = fields.dropFirst(11).first.flatMap({ Int($0) }),
      let system = fields.dropFirst(12).first.flatMap({ Int($0) })
    else { return nil }
    return user &+ system
  }
}
