import Fascicle

/// Which worker runs where, what made them so few, and whether the kernel agrees.
enum WorkerLines {
  /// The most workers that are listed one by one; more are listed by the caches that they share.
  private static let listedWorkerLimit = 8
  /// The longest list of processors; that of workers who share a few by turns says nothing more behind it.
  private static let lineLimit = 100

  static func lines(_ start: RunStart) -> [String] {
    let plan = start.plan
    return places(start) + [pinning(start)] + plan.placement.reasons + plan.budget.reasons + plan.budget.notes
  }

  private static func places(_ start: RunStart) -> [String] {
    guard start.workers.count > listedWorkerLimit else {
      return [start.workers.map { "worker \($0.worker) on core \($0.core)" }.joined(separator: ", ")]
    }
    return start.plan.placement.description.split(separator: "\n").map { line in
      line.count <= lineLimit ? String(line) : line.prefix(lineLimit) + "…"
    }
  }

  /// One sentence for all, or one for each way in which pinning failed.
  private static func pinning(_ start: RunStart) -> String {
    let reports = start.pinning.prefix(start.workers.count)
    var reasons: [String: [Int]] = [:]
    var verifiedCount = 0
    for (worker, report) in reports.enumerated() {
      switch report {
      case .verified: verifiedCount += 1
      case .notPossible(_, let reason): reasons[reason, default: []].append(worker)
      case .notRequested: reasons["The configuration asks for none.", default: []].append(worker)
      }
    }
    if verifiedCount == reports.count { return "pinned, verified with the kernel" }
    let sentences = reasons.sorted { ($0.value.first ?? 0) < ($1.value.first ?? 0) }.map { reason, workers in
      let who = workers.count == reports.count ? "not pinned" : "\(workers.count) of \(reports.count) not pinned"
      return "\(who): \(reason)"
    }
    return sentences.joined(separator: " ")
  }
}
