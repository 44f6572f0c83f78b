import HardwareTopology
import Testing

/// Expected placements, written out: each line is a run of workers, their memory node and last-level cache, and the
/// processors in the order of the workers.
struct WorkerPlacementTests {
  struct Golden: CustomTestStringConvertible, Sendable {
    let machine: KnownMachine
    var affinity: String?
    let workers: Int
    let expected: String

    var testDescription: String { "\(workers) workers on \(machine)\(affinity.map { " within \($0)" } ?? "")" }
  }

  static let goldens = [
    Golden(machine: .oneCore, workers: 1, expected: "worker 0: node 0, cache 0: 0"),
    Golden(machine: .twoCores, workers: 2, expected: "workers 0-1: node 0, cache 0: 0-1"),

    // Hardware threads come after every core has a worker.
    Golden(machine: .oneSocketSMT, workers: 4, expected: "workers 0-3: node 0, cache 0: 0-3"),
    Golden(machine: .oneSocketSMT, workers: 8, expected: "workers 0-7: node 0, cache 0: 0-7"),
    // Cores 0 and 1 have both threads, core 2 only its second, core 3 none.
    Golden(
      machine: .oneSocketSMT, affinity: "0-1,4-6", workers: 5, expected: "workers 0-4: node 0, cache 0: 0-1,6,4-5"),

    // A socket is filled before the next one is begun, and the fuller one comes first.
    Golden(machine: .twoSockets, workers: 3, expected: "workers 0-2: node 0, cache 0: 0-2"),
    Golden(
      machine: .twoSockets, workers: 6,
      expected: """
        workers 0-3: node 0, cache 0: 0-3
        workers 4-5: node 1, cache 1: 4-5
        """),
    Golden(
      machine: .twoSockets, affinity: "3-7", workers: 5,
      expected: """
        workers 0-3: node 1, cache 1: 4-7
        worker 4: node 0, cache 0: 3
        """),

    // A team of 8 shares a third-level cache.
    Golden(
      machine: .eightDieEPYC, workers: 20,
      expected: """
        workers 0-7: node 0, cache 0: 0-7
        workers 8-15: node 0, cache 1: 8-15
        workers 16-19: node 0, cache 2: 16-19
        """),
    Golden(
      machine: .eightDieEPYC, affinity: "0-3,12-31", workers: 24,
      expected: """
        workers 0-7: node 0, cache 2: 16-23
        workers 8-15: node 0, cache 3: 24-31
        workers 16-19: node 0, cache 0: 0-3
        workers 20-23: node 0, cache 1: 12-15
        """),

    // Performance cores, then efficiency cores, then second threads of performance cores.
    Golden(machine: .hybrid, workers: 6, expected: "workers 0-5: node 0, cache 0: 0,2,4,6,8,10"),
    Golden(machine: .hybrid, workers: 8, expected: "workers 0-7: node 0, cache 0: 0,2,4,6,8,10,12-13"),
    Golden(machine: .hybrid, workers: 16, expected: "workers 0-15: node 0, cache 0: 0,2,4,6,8,10,12-19,1,3"),

    Golden(
      machine: .cpusetWithHoles, workers: 6,
      expected: """
        workers 0-3: node 1, cache 1: 7-8,10-11
        workers 4-5: node 0, cache 0: 1-2
        """),
    Golden(machine: .cpusetWithHoles, affinity: "0-6", workers: 2, expected: "workers 0-1: node 0, cache 0: 1-2"),

    Golden(
      machine: .fourNodes, workers: 24,
      expected: """
        workers 0-7: node 0, cache 0: 0-7
        workers 8-15: node 0, cache 1: 8-15
        workers 16-23: node 0, cache 2: 16-23
        """),
    Golden(
      machine: .fourNodes, affinity: "20-95", workers: 76,
      expected: """
        workers 0-7: node 2, cache 6: 48-55
        workers 8-15: node 2, cache 7: 56-63
        workers 16-23: node 2, cache 8: 64-71
        workers 24-31: node 3, cache 9: 72-79
        workers 32-39: node 3, cache 10: 80-87
        workers 40-47: node 3, cache 11: 88-95
        workers 48-55: node 1, cache 3: 24-31
        workers 56-63: node 1, cache 4: 32-39
        workers 64-71: node 1, cache 5: 40-47
        workers 72-75: node 0, cache 2: 20-23
        """),

    Golden(
      machine: .fourThreadCores, workers: 10,
      expected: """
        workers 0-3: node 0, cache 0: 0,4,8,12
        workers 4-7: node 1, cache 1: 16,20,24,28
        workers 8-9: node 0, cache 0: 1,5
        """),
    Golden(
      machine: .withoutCaches, workers: 4,
      expected: """
        workers 0-2: node 0, cache 0: 0-2
        worker 3: node 1, cache 1: 3
        """),
  ]

  @Test(arguments: goldens)
  func matchesTheExpectedPlacement(golden: Golden) throws {
    let machine = try golden.machine.machine()
    let affinity = try golden.affinity.map { try #require(ProcessorSet(list: $0)) }
    let budget = ProcessorBudget.withoutQuota(on: machine, affinity: affinity)
    let placement = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: golden.workers)
    #expect(placement.description == golden.expected)
    #expect(!placement.isOversubscribed)
  }

  @Test(arguments: KnownMachine.allCases)
  func aSmallerPlacementIsTheBeginningOfALargerOne(known: KnownMachine) throws {
    let machine = try known.machine()
    let budget = ProcessorBudget.withoutQuota(on: machine)
    let full = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: machine.processors.count)
    for workerCount in 1...machine.processors.count {
      let part = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: workerCount)
      #expect(part.workers == Array(full.workers.prefix(workerCount)))
    }
  }

  @Test(arguments: KnownMachine.allCases)
  func withinTheLimitEveryWorkerHasACoreOfItsOwnInsideTheAllowedSet(known: KnownMachine) throws {
    let machine = try known.machine()
    let budget = ProcessorBudget.withoutQuota(on: machine)
    let placement = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: budget.limit)
    #expect(Set(placement.workers.map(\.core)).count == budget.limit)
    #expect(placement.workers.allSatisfy { budget.allowed.contains($0.processor) })
    #expect(placement.workers.map(\.worker) == Array(0..<budget.limit))
  }

  @Test func moreWorkersThanProcessorsBeginAgainAndSaySo() throws {
    let machine = try KnownMachine.twoCores.machine()
    let placement = plan(5, on: machine)
    #expect(placement.workers.map(\.processor) == [0, 1, 0, 1, 0])
    #expect(placement.isOversubscribed)
    #expect(
      placement.reasons == ["5 workers are more than the budget of 2.", "5 workers share 2 processors by turns."])
  }

  @Test func sharingACoreIsSaid() throws {
    let placement = plan(5, on: try KnownMachine.oneSocketSMT.machine())
    #expect(
      placement.reasons == [
        "5 workers are more than the budget of 4.", "Some workers share a core with another (SMT).",
      ])
  }

  @Test func slowCoresAreSaidAndFastOnesNeedNoWords() throws {
    let machine = try KnownMachine.hybrid.machine()
    #expect(plan(6, on: machine).reasons == [])
    #expect(plan(7, on: machine).reasons == ["1 worker runs on slower cores, and every step waits for the slowest."])
  }

  @Test func efficiencyCoresAloneAreNotCalledSlow() throws {
    let machine = try KnownMachine.hybrid.machine()
    let placement = plan(3, on: machine, affinity: ProcessorSet(12..<20))
    #expect(placement.workers.map(\.processor) == [12, 13, 14])
    #expect(placement.reasons == [])
  }

  @Test(arguments: [(0, 1), (-7, 1), (Int.min, 1), (Int.max, WorkerPlacement.maximumWorkerCount)])
  func absurdWorkerCountsAreBroughtIntoRange(asked: Int, got: Int) throws {
    #expect(plan(asked, on: try KnownMachine.oneCore.machine()).workers.count == got)
  }

  @Test func anAffinityMaskThatTheMachineDoesNotKnowIsStillObeyed() throws {
    let placement = plan(3, on: try KnownMachine.twoCores.machine(), affinity: [40, 42])
    #expect(placement.workers.map(\.processor) == [40, 42, 40])
  }

  private func plan(_ workerCount: Int, on machine: Machine, affinity: ProcessorSet? = nil) -> WorkerPlacement {
    .plan(
      machine: machine, budget: .withoutQuota(on: machine, affinity: affinity), workerCount: workerCount)
  }
}
