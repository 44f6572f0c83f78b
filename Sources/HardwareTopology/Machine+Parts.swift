extension Machine {
  /// A place where one thread can run: a core, or one hardware thread of a core.
  public struct Processor: Sendable, Hashable {
    /// The operating system's index, the one that affinity masks use.
    public let osIndex: Int
    /// The core, numbered from 0 across the whole machine in hardware order.
    public let core: Int
    /// The package (socket), numbered from 0 in hardware order.
    public let package: Int
    /// The operating system's index of the nearest memory node.
    public let numaNode: Int
    /// The group of processors that share a last-level cache, numbered from 0 in hardware order.
    ///
    /// Where no cache beyond a core's own is reported, as in many virtual machines, the processors of one package and
    /// one memory node form the group.
    public let lastLevelCache: Int
    /// The rank of this kind of core among the machine's kinds: 0 is the slowest, higher is faster.
    public let efficiencyRank: Int
    /// This processor's position among the hardware threads of its core, from 0.
    public let smtIndex: Int

    package init(
      osIndex: Int, core: Int, package: Int = 0, numaNode: Int = 0, lastLevelCache: Int = 0, efficiencyRank: Int = 0,
      smtIndex: Int = 0
    ) {
      self.osIndex = osIndex
      self.core = core
      self.package = package
      self.numaNode = numaNode
      self.lastLevelCache = lastLevelCache
      self.efficiencyRank = efficiencyRank
      self.smtIndex = smtIndex
    }

    /// A processor of which only the index is known: it is taken to be a core of its own.
    package init(isolated osIndex: Int) { self.init(osIndex: osIndex, core: osIndex) }
  }

  /// A data or unified cache.
  public struct Cache: Sendable, Hashable {
    /// The level: 1 is nearest to the core.
    public let level: Int
    /// The capacity in bytes; 0 where unknown.
    public let byteCount: Int
    /// The length of a line in bytes; 0 where unknown.
    public let lineByteCount: Int
    /// The processors that share it.
    public let processors: ProcessorSet
  }

  /// A memory node and the processors next to it.
  public struct NUMANode: Sendable, Hashable {
    /// The operating system's index, the one that `numactl` uses.
    public let osIndex: Int
    /// The memory of this node in bytes; 0 where unknown.
    public let byteCount: Int
    /// The processors that reach it as their local memory.
    public let processors: ProcessorSet
  }

  /// A package (socket).
  public struct Package: Sendable, Hashable {
    /// The number from 0, in hardware order.
    public let index: Int
    /// The processors inside.
    public let processors: ProcessorSet

    static func list(of processors: [Processor]) -> [Package] {
      Dictionary(grouping: processors, by: \.package)
        .map { Package(index: $0.key, processors: ProcessorSet($0.value.map(\.osIndex))) }
        .sorted { $0.index < $1.index }
    }
  }
}
