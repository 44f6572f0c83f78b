import HardwareTopology

/// What a run takes of memory, known before any of it is taken.
public struct MemoryPlan: Sendable, Hashable {
  /// A named part.
  public struct Part: Sendable, Hashable {
    /// What the bytes are for.
    public let name: String
    /// How many.
    public let byteCount: Int
  }

  /// The parts, largest concerns first.
  public let parts: [Part]

  /// All parts together, in bytes.
  public var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

  /// Refuses a plan that cannot fit.
  ///
  /// - Throws: ``TrainingRuntimeError`` with code `memory` when the plan is larger than `limit` allows.
  func requireFit(within limit: MemoryLimit) throws(TrainingRuntimeError) {
    guard let available = limit.byteCount, byteCount > available else { return }
    let source = limit.path.map { " (\($0))" } ?? ""
    throw TrainingRuntimeError(
      code: .memory,
      message: "the plan needs \(formatBytes(byteCount)), but this process may use \(formatBytes(available))\(source)",
      hint: "use a smaller batch or narrower layers")
  }
}

/// A byte count for people, as in `1.4 MiB`.
public func formatBytes(_ count: Int) -> String {
  let units = ["B", "KiB", "MiB", "GiB", "TiB"]
  var value = Double(count), unit = 0
  while value >= 1024, unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  if unit == 0 { return "\(count) B" }
  let tenths = Int((value * 10).rounded())
  return value >= 100 ? "\(Int(value.rounded())) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
