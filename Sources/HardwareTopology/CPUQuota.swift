/// The processor time that the control groups of this process grant it.
struct CPUQuota {
  /// The number of processors' worth of time, as in 2.5; above 0.
  let processorCount: Double
  /// The file that sets it.
  let path: String

  /// Finds the tightest quota among the process's own group and every ancestor that it sees.
  ///
  /// - Returns: The quota, `nil` without one; and a sentence for everything that was ignored.
  static func tightest(in environment: HostEnvironment) -> (quota: CPUQuota?, notes: [String]) {
    let groups = ControlGroups(of: "cpu", in: environment)
    var notes = groups.notes
    let quotas = groups.directories.compactMap { quota(of: $0, in: environment, notes: &notes) }
    return (quotas.min { $0.processorCount < $1.processorCount }, notes)
  }

  private static func quota(
    of group: ControlGroups.Directory, in environment: HostEnvironment, notes: inout [String]
  ) -> CPUQuota? {
    switch group.version {
    case .v1:
      // Both values are in µs; −1 is no quota.
      let path = group.path + "/cpu.cfs_quota_us"
      let time = environment.value(of: path, expecting: "a number of µs or -1", notes: &notes) { Int($0) }
      guard let time, time > 0 else { return nil }
      let period = environment.value(
        of: group.path + "/cpu.cfs_period_us", expecting: "a number of µs above 0", notes: &notes, parse: positive)
      return period.map { CPUQuota(processorCount: Double(time) / Double($0), path: environment.rootPath + path) }
    case .v2:
      let path = group.path + "/cpu.max"
      let count = environment.value(
        of: path, expecting: "“max” or a quota and a period in µs", notes: &notes, parse: processorCount)
      guard let count, count.isFinite else { return nil }
      return CPUQuota(processorCount: count, path: environment.rootPath + path)
    }
  }

  /// Reads `250000 100000` as 2.5 and `max 100000` as infinity.
  private static func processorCount(_ text: Substring) -> Double? {
    let fields = text.split(separator: " ")
    guard fields.count == 2, let period = positive(fields[1]) else { return nil }
    if fields[0] == "max" { return .infinity }
    return positive(fields[0]).map { Double($0) / Double(period) }
  }

  private static func positive(_ text: Substring) -> Int? { Int(text).flatMap { $0 > 0 ? $0 : nil } }
}
