extension Machine {
  /// Describes the running machine.
  ///
  /// hwloc reads it from `/sys` without binding any thread. Where hwloc fails, or its environment variables describe a
  /// machine that shares no processor with the calling thread's affinity mask, the mask alone is the description and
  /// ``origin`` says why.
  /// - Returns: All online processors, also those this process may not use.
  /// - Throws: ``HardwareTopologyError`` `.discoveryFailed` when neither hwloc nor the kernel answers.
  /// - Complexity: A few milliseconds of reading `/sys`; call it once and keep the value.
  public static func current() throws(HardwareTopologyError) -> Machine {
    let affinity = ThreadAffinity.current()
    do {
      let topology = try HwlocTopology.load(.runningMachine)
      let origin = topology.describesRunningMachine ? Origin.discovered : .hwlocEnvironment
      let machine = HwlocReader(topology).machine(origin: origin)
      guard let affinity, machine.processorSet.intersection(affinity).isEmpty else { return machine }
      return Machine(
        onlyKnowing: affinity,
        because: "hwloc knows the processors \(machine.processorSet), the affinity mask is \(affinity).")
    } catch {
      guard let affinity else { throw error }
      return Machine(onlyKnowing: affinity, because: error.message)
    }
  }

  /// Describes an imagined machine in hwloc's synthetic language, outermost part first.
  ///
  ///     try Machine.synthetic("pack:2 [numa] l3:2 core:4 pu:2")   // 2 sockets × 2 L3 × 4 cores × 2 threads
  ///
  /// - Throws: ``HardwareTopologyError`` `.invalidSyntheticDescription` when hwloc does not accept the text.
  /// - Source: hwloc manual, chapter "Synthetic topologies", <https://www.open-mpi.org/projects/hwloc/doc/>.
  public static func synthetic(_ description: String) throws(HardwareTopologyError) -> Machine {
    HwlocReader(try HwlocTopology.load(.synthetic(description))).machine(origin: .synthetic)
  }

  /// Describes a machine saved as hwloc XML, as `lstopo machine.xml` writes it.
  ///
  /// Most damaged text is refused, but hwloc 2.9 does not check all of it and has been seen to crash on a topology whose
  /// processor sets contradict each other. Give it only what hwloc wrote.
  /// - Throws: ``HardwareTopologyError`` `.invalidSavedTopology` when hwloc does not accept the text.
  public static func saved(xml: String) throws(HardwareTopologyError) -> Machine {
    HwlocReader(try HwlocTopology.load(.saved(xml: xml))).machine(origin: .saved)
  }
}
