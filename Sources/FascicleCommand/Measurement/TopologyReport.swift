import Fascicle

/// The machine, the part of it that may be used, and what that part reaches.
struct TopologyReport {
  let machine: Machine
  let budget: ProcessorBudget
  let placement: WorkerPlacement
  let probe: MachineProbe
  let memory: MemoryLimit

  /// The report for people.
  var text: String {
    var lines = LabelledLines()
    lines.add("machine", "\(machine)")
    lines.add("caches", caches)
    lines.add("memory", memoryLine)
    lines.add("budget", [budgetLine] + budget.reasons + budget.notes + memory.notes)
    lines.add("placement", placement.description.split(separator: "\n").map(String.init) + placement.reasons)
    lines.add("reached", reached)
    return lines.text
  }

  /// The report for programs.
  var event: JSONEvent {
    JSONEvent(
      name: "topology",
      fields: [
        "topology": machine.json, "effective_cpus": .whole(budget.limit),
        "allowed_cpus": .list(budget.allowed.map { .whole($0) }), "cpu_quota": .number(budget.quota),
        "reasons": .list(budget.reasons.map { .text($0) }), "notes": .list(budget.notes.map { .text($0) }),
        "workers": .whole(placement.workers.count),
        "worker_cpus": .list(placement.workers.map { .whole($0.processor) }),
        "instruction_set": .text(probe.instructionSet.rawValue), "fma_peak_gflops": .number(probe.fmaPeakGflops),
        "copy_gigabytes_per_second": .number(probe.copyGigabytesPerSecond),
        "memory_limit_bytes": memory.byteCount.map { .whole($0) } ?? .number(nil),
      ])
  }

  private var caches: [String] {
    let groups = Dictionary(grouping: machine.caches) { "\($0.level) \($0.byteCount)" }.values
    let lines = groups.sorted { ($0[0].level, $0[0].byteCount) < ($1[0].level, $1[0].byteCount) }.map { caches in
      "\(caches.count) × L\(caches[0].level) of \(formatBytes(caches[0].byteCount))"
    }
    return lines.isEmpty ? ["unknown"] : [lines.joined(separator: ", ")]
  }

  private var memoryLine: String {
    guard let byteCount = memory.byteCount else { return "no limit is known" }
    return "\(formatBytes(byteCount)) may be used\(memory.path.map { " (\($0))" } ?? "")"
  }

  private var budgetLine: String {
    "\(budget.limit) \(budget.limit == 1 ? "worker" : "workers") at once, on processors \(budget.allowed)"
  }

  private var reached: [String] {
    let peak = NumberFormat.fixed(probe.fmaPeakGflops, 1), copy = NumberFormat.fixed(probe.copyGigabytesPerSecond, 1)
    return [
      "\(peak) GFLOP/s of fused multiply-adds (\(probe.instructionSet.rawValue), f32)",
      "\(copy) GB/s copying memory, read and written bytes together",
    ]
  }
}
