/// The processors that a budget leaves of a machine.
struct UsableProcessors {
  let processors: [Machine.Processor]

  /// Takes the allowed processors of a machine.
  ///
  /// Where the machine knows none of them, each allowed processor counts as a core of its own; where none is allowed,
  /// the whole machine is taken. So the result is never empty.
  init(of machine: Machine, allowed: ProcessorSet) {
    let known = machine.processors.filter { allowed.contains($0.osIndex) }
    let unknown = allowed.isEmpty ? machine.processors : allowed.map(Machine.Processor.init(isolated:))
    processors = known.isEmpty ? unknown : known
  }

  var count: Int { processors.count }

  var coreCount: Int { Set(processors.map(\.core)).count }

  /// The rank of the fastest kind of core among these.
  var fastestRank: Int { processors.map(\.efficiencyRank).max() ?? 0 }

  /// The number of cores, or of hardware threads, of the fastest kind.
  func fastestCount(useSMT: Bool) -> Int {
    let fastest = processors.filter { $0.efficiencyRank == fastestRank }
    return useSMT ? fastest.count : Set(fastest.map(\.core)).count
  }
}
