import CHwloc

/// An hwloc topology that is destroyed with its owner.
///
/// No call on it binds a thread, so the process's affinity stays as it was.
struct HwlocTopology: ~Copyable {
  /// What hwloc is to describe.
  enum Source {
    case runningMachine
    case synthetic(String)
    case saved(xml: String)
  }

  let handle: hwloc_topology_t

  private init(handle: hwloc_topology_t) { self.handle = handle }

  deinit { hwloc_topology_destroy(handle) }

  /// Loads the topology of a source.
  static func load(_ source: Source) throws(HardwareTopologyError) -> HwlocTopology {
    var created: hwloc_topology_t?
    guard hwloc_topology_init(&created) == 0, let handle = created else {
      throw HardwareTopologyError(.discoveryFailed, "hwloc could not start a topology.")
    }
    let topology = HwlocTopology(handle: handle)
    // Disallowed processors are kept, so that the budget can say what was left out and why. hwloc may otherwise move
    // the calling thread from processor to processor to ask each for its CPUID; it must not.
    let flags = HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED.rawValue | HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING.rawValue
    guard hwloc_topology_set_flags(handle, UInt(flags)) == 0, source.select(for: handle),
      hwloc_topology_load(handle) == 0
    else { throw source.refusal }
    return topology
  }

  /// Whether this is the running machine as hwloc found it, rather than what hwloc's environment variables say.
  var describesRunningMachine: Bool { hwloc_topology_is_thissystem(handle) == 1 }
}

extension HwlocTopology.Source {
  fileprivate func select(for handle: hwloc_topology_t) -> Bool {
    switch self {
    case .runningMachine: true
    case .synthetic(let description): hwloc_topology_set_synthetic(handle, description) == 0
    case .saved(let xml): hwloc_topology_set_xmlbuffer(handle, xml, Int32(clamping: xml.utf8.count + 1)) == 0
    }
  }

  fileprivate var refusal: HardwareTopologyError {
    switch self {
    case .runningMachine:
      HardwareTopologyError(.discoveryFailed, "hwloc could not read the running machine's topology.")
    case .synthetic(let description):
      HardwareTopologyError(
        .invalidSyntheticDescription, "hwloc does not accept the synthetic machine “\(description)”.",
        hint: "the form is “pack:2 [numa] l3:1 core:4 pu:2”, outermost part first.")
    case .saved(let xml):
      HardwareTopologyError(
        .invalidSavedTopology, "hwloc does not accept the saved machine (\(xml.utf8.count) bytes of XML).",
        hint: "`lstopo machine.xml` writes one.")
    }
  }
}
