/// A machine's processors, caches and memory, as plain values that outlive the library that found them.
///
/// A machine is a description only: making one pins nothing and changes no thread. Which of its processors a process
/// may use, and how many workers that allows, is ``ProcessorBudget``'s business.
public struct Machine: Sendable, Hashable {
  /// The processor's name as its maker gives it, or `unknown processor`.
  public let modelName: String
  /// The online processors, at least one, in hardware order.
  ///
  /// Those that share a core, a cache or a package stand together.
  public let processors: [Processor]
  /// The data and unified caches, innermost level first.
  public let caches: [Cache]
  /// The memory nodes; empty where nothing is known.
  public let numaNodes: [NUMANode]
  /// The packages (sockets).
  public let packages: [Package]
  /// The processors that hwloc says this machine's administrator allows (cpusets); every processor where hwloc has no say.
  public let allowed: ProcessorSet
  /// Where the description comes from.
  public let origin: Origin

  /// Where a machine's description comes from.
  public enum Origin: Sendable, Hashable {
    /// hwloc read it from the running machine.
    case discovered
    /// hwloc's own environment variables (`HWLOC_XMLFILE`, `HWLOC_SYNTHETIC`, …) put a description in its place.
    case hwlocEnvironment
    /// Nothing but the affinity mask is known, for the reason given: no caches, no nodes, every processor its own core.
    case affinityMask(reason: String)
    /// A synthetic description, for planning and tests.
    case synthetic
    /// A saved topology, for planning and tests.
    case saved

    /// What a reader must know before trusting the description of a machine to run on, as a sentence.
    var caveat: String? {
      switch self {
      case .hwlocEnvironment: "The machine is what hwloc's environment variables (HWLOC_*) describe, not what it found."
      case .affinityMask(let reason): "Caches, cores and memory nodes are unknown, only the affinity mask is: \(reason)"
      case .discovered, .synthetic, .saved: nil
      }
    }
  }

  /// Makes a machine from its parts.
  ///
  /// An empty list of processors becomes the single processor 0: whatever runs, runs on one.
  package init(
    modelName: String, processors: [Processor], caches: [Cache] = [], numaNodes: [NUMANode] = [],
    allowed: ProcessorSet? = nil, origin: Origin
  ) {
    let processors = processors.isEmpty ? [Processor(isolated: 0)] : processors
    self.modelName = modelName
    self.processors = processors
    self.caches = caches
    self.numaNodes = numaNodes
    self.packages = Package.list(of: processors)
    self.allowed = allowed ?? ProcessorSet(processors.map(\.osIndex))
    self.origin = origin
  }

  /// Makes the least that can be said of a machine: these processors, each a core of its own, in one package.
  package init(onlyKnowing processors: ProcessorSet, because reason: String) {
    self.init(
      modelName: "unknown processor", processors: processors.map(Processor.init(isolated:)),
      origin: .affinityMask(reason: reason))
  }

  /// The operating system indices of all processors.
  public var processorSet: ProcessorSet { ProcessorSet(processors.map(\.osIndex)) }

  /// The number of physical cores.
  public var coreCount: Int { Set(processors.map(\.core)).count }

  /// The number of groups of processors that share a last-level cache.
  public var lastLevelCacheCount: Int { Set(processors.map(\.lastLevelCache)).count }

  /// Whether some processors are of a slower kind than others, as efficiency cores are.
  public var isHybrid: Bool { Set(processors.map(\.efficiencyRank)).count > 1 }
}

extension Machine: CustomStringConvertible {
  /// One line: the model name and the number of each part.
  public var description: String {
    let parts = [
      counted(processors.count, "processor"), counted(coreCount, "core"), counted(packages.count, "package"),
      counted(max(1, numaNodes.count), "NUMA node"), counted(lastLevelCacheCount, "last-level cache"),
    ]
    return "\(modelName): \(parts.joined(separator: ", "))"
  }
}

/// A number and its noun, as in `1 core` and `8 cores`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
