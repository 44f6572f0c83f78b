import CHwloc

/// Copies an hwloc topology into a ``Machine``.
struct HwlocReader: ~Copyable {
  private let topology: HwlocTopology
  private var handle: hwloc_topology_t { topology.handle }

  init(_ topology: consuming HwlocTopology) { self.topology = topology }

  func machine(origin: Machine.Origin) -> Machine {
    var numbering = PartNumbering()
    var caches: [UInt64: Machine.Cache] = [:]
    var processors: [Machine.Processor] = []
    for unit in objects(of: HWLOC_OBJ_PU) where unit.pointee.os_index < ProcessorSet.capacity {
      let parents = Parents(of: unit)
      for cache in parents.caches { caches[cache.pointee.gp_index] = Machine.Cache(cache) }
      processors.append(numbering.processor(unit, parents, rank: efficiencyRank(of: unit)))
    }
    return Machine(
      modelName: modelName, processors: processors,
      caches: caches.values.sorted { ($0.level, $0.processors.min() ?? 0) < ($1.level, $1.processors.min() ?? 0) },
      numaNodes: objects(of: HWLOC_OBJ_NUMANODE).map(Machine.NUMANode.init), allowed: allowed, origin: origin)
  }

  private func objects(of type: hwloc_obj_type_t) -> [hwloc_obj_t] {
    let count = hwloc_get_nbobjs_by_type(handle, type)
    return (0..<UInt32(max(0, count))).compactMap { hwloc_get_obj_by_type(handle, type, $0) }
  }

  private var allowed: ProcessorSet {
    ProcessorSet(hwlocBitmap: hwloc_topology_get_allowed_cpuset(handle))
  }

  private var modelName: String {
    let holders = objects(of: HWLOC_OBJ_PACKAGE) + objects(of: HWLOC_OBJ_MACHINE)
    let names = holders.lazy.compactMap { hwloc_obj_get_info_by_name($0, "CPUModel") }.map { String(cString: $0) }
    return names.first ?? "unknown processor"
  }

  /// hwloc ranks kinds from 0, the slowest; it answers −1 where it cannot tell them apart, and all are then equal.
  private func efficiencyRank(of unit: hwloc_obj_t) -> Int {
    let kind = hwloc_cpukinds_get_by_cpuset(handle, unit.pointee.cpuset, 0)
    var efficiency: Int32 = -1
    guard kind >= 0, hwloc_cpukinds_get_info(handle, UInt32(kind), nil, &efficiency, nil, nil, 0) == 0 else { return 0 }
    return max(0, Int(efficiency))
  }
}

/// The parts that a processing unit lies in.
private struct Parents {
  var core: hwloc_obj_t?
  var package: hwloc_obj_t?
  /// Innermost first.
  var caches: [hwloc_obj_t] = []

  init(of unit: hwloc_obj_t) {
    var next = unit.pointee.parent
    while let object = next {
      let type = object.pointee.type
      if type == HWLOC_OBJ_CORE { core = object }
      if type == HWLOC_OBJ_PACKAGE { package = object }
      if hwloc_obj_type_is_dcache(type) == 1 { caches.append(object) }
      next = object.pointee.parent
    }
  }

  /// The outermost cache, if cores share it or it is a third level; a core's private cache makes no group.
  func sharedCache(of unit: hwloc_obj_t) -> hwloc_obj_t? {
    guard let outermost = caches.last else { return nil }
    let coreWidth = hwloc_bitmap_weight((core ?? unit).pointee.cpuset)
    let isShared = hwloc_bitmap_weight(outermost.pointee.cpuset) > coreWidth
    return isShared || outermost.pointee.attr.pointee.cache.depth >= 3 ? outermost : nil
  }
}

/// Gives cores, packages and cache groups small numbers in the order in which they are met.
private struct PartNumbering {
  private enum Part: Hashable {
    case object(UInt64)
    case wholeMachine
    case memoryNode(package: Int, node: Int)
  }

  private var cores: [Part: Int] = [:]
  private var packages: [Part: Int] = [:]
  private var cacheGroups: [Part: Int] = [:]
  private var unitCounts: [Int: Int] = [:]

  mutating func processor(_ unit: hwloc_obj_t, _ parents: Parents, rank: Int) -> Machine.Processor {
    let core = Self.number(.object((parents.core ?? unit).pointee.gp_index), in: &cores)
    let package = Self.number(parents.package.map { .object($0.pointee.gp_index) } ?? .wholeMachine, in: &packages)
    // Several nodes are local where a package has two kinds of memory; the first is the ordinary one.
    let node = max(0, Int(hwloc_bitmap_first(unit.pointee.nodeset)))
    let group = parents.sharedCache(of: unit).map { Part.object($0.pointee.gp_index) }
    let smtIndex = unitCounts[core, default: 0]
    unitCounts[core] = smtIndex + 1
    return Machine.Processor(
      osIndex: Int(unit.pointee.os_index), core: core, package: package, numaNode: node,
      lastLevelCache: Self.number(group ?? .memoryNode(package: package, node: node), in: &cacheGroups),
      efficiencyRank: rank, smtIndex: smtIndex)
  }

  private static func number(_ part: Part, in numbers: inout [Part: Int]) -> Int {
    let number = numbers[part] ?? numbers.count
    numbers[part] = number
    return number
  }
}

extension Machine.Cache {
  fileprivate init(_ object: hwloc_obj_t) {
    let cache = object.pointee.attr.pointee.cache
    self.init(
      level: Int(cache.depth), byteCount: Int(clamping: cache.size), lineByteCount: Int(cache.linesize),
      processors: ProcessorSet(hwlocBitmap: object.pointee.cpuset))
  }
}

extension Machine.NUMANode {
  fileprivate init(_ object: hwloc_obj_t) {
    let memory = object.pointee.attr.pointee.numanode
    self.init(
      osIndex: Int(object.pointee.os_index), byteCount: Int(clamping: memory.local_memory),
      processors: ProcessorSet(hwlocBitmap: object.pointee.cpuset))
  }
}

extension ProcessorSet {
  /// Copies an hwloc bitmap; one without end is cut at ``capacity``.
  fileprivate init(hwlocBitmap bitmap: hwloc_const_bitmap_t?) {
    self.init()
    guard let bitmap else { return }
    var index = hwloc_bitmap_first(bitmap)
    while index >= 0, index < Self.capacity {
      insert(Int(index))
      index = hwloc_bitmap_next(bitmap, index)
    }
  }
}
