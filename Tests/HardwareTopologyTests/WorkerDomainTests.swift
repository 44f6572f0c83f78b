import HardwareTopology
import Testing

/// Which workers share a memory node and a last-level cache, on machines of every kind.
struct WorkerDomainTests {
  private func domains(
    _ workers: Int, on known: KnownMachine, affinity: String? = nil, useSMT: Bool = false
  ) throws -> [String] {
    let machine = try known.machine()
    let affinity = try affinity.map { try #require(ProcessorSet(list: $0)) }
    let budget = ProcessorBudget.withoutQuota(on: machine, affinity: affinity, useSMT: useSMT)
    return WorkerPlacement.plan(machine: machine, budget: budget, workerCount: workers).domains.map(ProcessorSet.list)
  }

  @Test func oneCacheIsOneDomainWhateverTheNumberOfWorkers() throws {
    #expect(try domains(1, on: .oneCore) == ["0"])
    #expect(try domains(2, on: .twoCores) == ["0-1"])
    #expect(try domains(9, on: .oneSocketSMT) == ["0-8"])
    #expect(try domains(20, on: .hybrid) == ["0-19"])
  }

  @Test func socketsNodesAndDiesAreDomains() throws {
    #expect(try domains(3, on: .twoSockets) == ["0-2"])
    #expect(try domains(6, on: .twoSockets) == ["0-3", "4-5"])
    #expect(try domains(20, on: .eightDieEPYC) == ["0-7", "8-15", "16-19"])
    #expect(try domains(96, on: .fourNodes).count == 12)
    #expect(try domains(6, on: .withoutCaches) == ["0-2", "3-5"])
  }

  @Test func secondThreadsAndSecondRoundsJoinTheirDomain() throws {
    #expect(try domains(10, on: .fourThreadCores) == ["0-3,8-9", "4-7"])
    #expect(try domains(72, on: .eightDieEPYC).first == "0-7,64-71")
    #expect(try domains(5, on: .twoSockets, affinity: "0,4") == ["0,2,4", "1,3"])
  }

  @Test(arguments: KnownMachine.allCases) func everyWorkerIsInOneDomain(known: KnownMachine) throws {
    let machine = try known.machine()
    let placement = WorkerPlacement.plan(
      machine: machine, budget: .withoutQuota(on: machine), workerCount: machine.processors.count + 3)
    let domains = placement.domains
    #expect(domains.flatMap { $0 }.sorted() == Array(0..<placement.workers.count))
    #expect(domains.allSatisfy { $0 == $0.sorted() })
    #expect(domains.compactMap(\.first) == domains.compactMap(\.first).sorted())
  }
}
