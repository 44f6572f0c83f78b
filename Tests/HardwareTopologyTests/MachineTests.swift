import HardwareTopology
import Testing

struct MachineTests {
  @Test(
    arguments: [
      (.oneCore, "1 processor, 1 core, 1 package, 1 NUMA node, 1 last-level cache"),
      (.twoCores, "2 processors, 2 cores, 1 package, 1 NUMA node, 1 last-level cache"),
      (.oneSocketSMT, "8 processors, 4 cores, 1 package, 1 NUMA node, 1 last-level cache"),
      (.twoSockets, "8 processors, 8 cores, 2 packages, 2 NUMA nodes, 2 last-level caches"),
      (.eightDieEPYC, "128 processors, 64 cores, 1 package, 1 NUMA node, 8 last-level caches"),
      (.hybrid, "20 processors, 14 cores, 1 package, 1 NUMA node, 1 last-level cache"),
      (.cpusetWithHoles, "11 processors, 11 cores, 2 packages, 2 NUMA nodes, 2 last-level caches"),
      (.fourNodes, "96 processors, 96 cores, 2 packages, 4 NUMA nodes, 12 last-level caches"),
      (.fourThreadCores, "32 processors, 8 cores, 2 packages, 2 NUMA nodes, 2 last-level caches"),
      (.withoutCaches, "6 processors, 6 cores, 2 packages, 2 NUMA nodes, 2 last-level caches"),
    ] as [(KnownMachine, String)])
  func countsItsParts(known: KnownMachine, parts: String) throws {
    let machine = try known.machine()
    #expect(machine.description == "\(machine.modelName): \(parts)")
  }

  @Test func processorsKnowTheirCoreAndThread() throws {
    let processors = try KnownMachine.oneSocketSMT.machine().processors
    #expect(processors.map(\.osIndex) == [0, 4, 1, 5, 2, 6, 3, 7])
    #expect(processors.map(\.core) == [0, 0, 1, 1, 2, 2, 3, 3])
    #expect(processors.map(\.smtIndex) == [0, 1, 0, 1, 0, 1, 0, 1])
  }

  @Test func performanceCoresRankAboveEfficiencyCores() throws {
    let machine = try KnownMachine.hybrid.machine()
    #expect(machine.isHybrid)
    #expect(machine.origin == .saved)
    #expect(machine.modelName == "Imagined hybrid, 6 performance and 8 efficiency cores")
    for processor in machine.processors { #expect(processor.efficiencyRank == (processor.osIndex < 12 ? 1 : 0)) }
  }

  @Test func processorsOfAnOrdinaryMachineAreOfOneKind() throws {
    let machine = try KnownMachine.twoSockets.machine()
    #expect(!machine.isHybrid)
    #expect(Set(machine.processors.map(\.efficiencyRank)) == [0])
  }

  @Test func offlineProcessorsAreAbsentAndDisallowedOnesArePresent() throws {
    let machine = try KnownMachine.cpusetWithHoles.machine()
    #expect(machine.processorSet == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11])
    #expect(machine.allowed == [1, 2, 7, 8, 10, 11])
  }

  @Test func cachesAndMemoryAreListedWithTheirProcessors() throws {
    let machine = try KnownMachine.hybrid.machine()
    #expect(machine.caches.map(\.level) == Array(repeating: 2, count: 8) + [3])
    #expect(machine.caches.last?.byteCount == 24 << 20)
    #expect(machine.caches.last?.lineByteCount == 64)
    #expect(machine.caches[7].processors == ProcessorSet(16..<20))
    #expect(machine.numaNodes.map(\.byteCount) == [32 << 30])
    #expect(
      try KnownMachine.twoSockets.machine().numaNodes.map(\.processors) == [ProcessorSet(0..<4), ProcessorSet(4..<8)])
  }

  @Test func aCoresPrivateCacheMakesNoGroup() throws {
    let processors = try KnownMachine.fourThreadCores.machine().processors
    #expect(processors.allSatisfy { $0.lastLevelCache == $0.package })
  }

  @Test func aPrivateThirdLevelIsAGroup() throws {
    #expect(try Machine.synthetic("pack:1 [numa] l3:8 core:1 pu:1").lastLevelCacheCount == 8)
  }

  @Test(arguments: ["", "nonsense", "pack:0", "core:", "pu:99999999999999999999"])
  func badSyntheticDescriptionsAreRefusedWithAHint(description: String) {
    let error = #expect(throws: HardwareTopologyError.self) { try Machine.synthetic(description) }
    #expect(error?.code == .invalidSyntheticDescription)
    #expect(error?.description.contains("Hint: ") == true)
  }

  @Test(arguments: ["", "<topology", "<html></html>", "not xml at all"])
  func badSavedTopologiesAreRefused(xml: String) {
    let error = #expect(throws: HardwareTopologyError.self) { try Machine.saved(xml: xml) }
    #expect(error?.code == .invalidSavedTopology)
  }

  @Test func theRunningMachineHasTheProcessorThisThreadMayUse() throws {
    let affinity = try #require(ThreadAffinity.current())
    let machine = try Machine.current()
    #expect(!machine.processorSet.intersection(affinity).isEmpty)
    #expect(Set(machine.processors.map(\.osIndex)).count == machine.processors.count)
  }

  @Test func describingTheRunningMachineLeavesTheAffinityAlone() throws {
    let before = ThreadAffinity.current()
    _ = try Machine.current()
    #expect(ThreadAffinity.current() == before)
  }

  @Test func theAffinityMaskAloneMakesAPlainMachine() {
    let machine = Machine(onlyKnowing: [2, 5], because: "hwloc is not there.")
    #expect(machine.processors.map(\.osIndex) == [2, 5])
    #expect(machine.coreCount == 2 && machine.lastLevelCacheCount == 1)
    #expect(machine.origin == .affinityMask(reason: "hwloc is not there."))
  }

  @Test func evenAMachineOfNothingHasAProcessor() {
    #expect(Machine(onlyKnowing: [], because: "nothing is known.").processors.map(\.osIndex) == [0])
  }
}
