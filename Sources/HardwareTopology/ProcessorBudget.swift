/// The processors that this process may use, and how many workers they are good for.
///
/// The kernel's affinity mask ∩ hwloc's allowed set gives the processors; cores or hardware threads among them, and the
/// control groups' quota, give the number of workers. Whatever made the number smaller has its sentence in ``reasons``.
public struct ProcessorBudget: Sendable, Hashable {
  /// The processors that workers may run on, hardware threads included; never beyond the affinity mask.
  public let allowed: ProcessorSet
  /// The control groups' quota in processors, as in 2.5; `nil` without one.
  public let quota: Double?
  /// The number of workers that can run at once without sharing a core (or, with SMT, a hardware thread); at least 1.
  public let limit: Int
  /// How many of ``limit`` workers run on the machine's fastest kind of core; smaller than `limit` on hybrid machines.
  public let fastestKindLimit: Int
  /// Each factor that made the budget smaller than the machine, as a sentence.
  public let reasons: [String]
  /// What was ignored while measuring, and why, as sentences.
  public let notes: [String]

  /// Measures the budget of the calling thread.
  ///
  /// - Parameters:
  ///   - machine: the machine to run on.
  ///   - useSMT: whether each hardware thread of a core gets a worker of its own; kernels bound by arithmetic gain
  ///     nothing from it.
  ///   - environment: the host as this process sees it.
  /// - Numerics: A quota is rounded down, but not below 1: workers meet at a barrier in every step, so one that is
  ///   stopped for the rest of a period holds up all.
  public static func current(
    on machine: Machine, useSMT: Bool = false, environment: HostEnvironment = .current()
  ) -> ProcessorBudget {
    var reasons: [String] = []
    var (quota, notes) = CPUQuota.tightest(in: environment)
    if let caveat = machine.origin.caveat { notes.append(caveat) }
    let allowed = allowedProcessors(of: machine, affinity: environment.affinity, reasons: &reasons, notes: &notes)
    let usable = UsableProcessors(of: machine, allowed: allowed)
    var limit = useSMT ? usable.count : usable.coreCount
    if limit < usable.count {
      reasons.append("One worker per core: \(counted(limit, "core")) of \(usable.count) hardware threads (SMT is off).")
    }
    if let quota, quota.processorCount < Double(limit) {
      limit = max(1, Int(quota.processorCount.rounded(.down)))
      reasons.append(sentence(on: quota, limit: limit))
    }
    return ProcessorBudget(
      allowed: allowed, quota: quota?.processorCount, limit: limit,
      fastestKindLimit: min(limit, usable.fastestCount(useSMT: useSMT)), reasons: reasons, notes: notes)
  }

  /// The affinity mask ∩ the machine ∩ hwloc's allowed set, where an empty result never widens the mask.
  private static func allowedProcessors(
    of machine: Machine, affinity: ProcessorSet?, reasons: inout [String], notes: inout [String]
  ) -> ProcessorSet {
    let all = machine.processorSet
    guard let affinity, !affinity.isEmpty else {
      notes.append("The kernel does not tell the affinity mask, so hwloc's allowed set holds.")
      let allowed = all.intersection(machine.allowed)
      return allowed.isEmpty ? all : allowed
    }
    let masked = all.intersection(affinity)
    guard !masked.isEmpty else {
      notes.append("The affinity mask \(affinity) has none of the machine's processors \(all); the mask holds.")
      return affinity
    }
    if masked != all {
      reasons.append("The affinity mask \(affinity) leaves \(masked.count) of \(counted(all.count, "processor")).")
    }
    let allowed = masked.intersection(machine.allowed)
    if allowed.isEmpty {
      notes.append("hwloc allows \(machine.allowed), none of the affinity mask's \(masked); the mask holds.")
      return masked
    }
    if allowed != masked {
      reasons.append(
        "hwloc allows \(machine.allowed), which leaves \(allowed.count) of \(counted(masked.count, "processor")).")
    }
    return allowed
  }

  private static func sentence(on quota: CPUQuota, limit: Int) -> String {
    let amount = "The control group quota of \(decimal(quota.processorCount)) CPUs (\(quota.path))"
    if quota.processorCount < 1 { return "\(amount) is less than one worker needs: expect it to be throttled." }
    return quota.processorCount == Double(limit) ? "\(amount) holds." : "\(amount) is rounded down to \(limit)."
  }

  /// At most two decimals and none for a whole number, but never a whole number for a broken one.
  private static func decimal(_ value: Double) -> String {
    if value == value.rounded() { return "\(Int(value))" }
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(value)" : "\(rounded)"
  }
}
