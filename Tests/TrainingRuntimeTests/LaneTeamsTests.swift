import Fascicle
import HardwareTopology
import Testing

/// Who serves which gradient lane, on machines that need not be here.
@Suite struct LaneTeamsTests {
  private func teams(_ topology: String, workers: Int, lanes: Int) throws -> LaneTeams {
    let machine = try Machine.synthetic(topology)
    let budget = ProcessorBudget.current(
      on: machine, environment: HostEnvironment(affinity: machine.processorSet, rootPath: "/nonexistent"))
    return LaneTeams(
      placement: WorkerPlacement.plan(machine: machine, budget: budget, workerCount: workers), laneCount: lanes)
  }

  /// As in `lane 0: 0-3; lane 1: 4-7`: each run of lanes with its workers.
  private func text(_ teams: LaneTeams) -> String {
    let runs = Set(teams.seats.map(\.lanes)).sorted { $0.lowerBound < $1.lowerBound }
    return runs.map { lanes in
      let workers = teams.seats.indices.filter { teams.seats[$0].lanes == lanes }
      return "\(ProcessorSet.list(lanes)): \(ProcessorSet.list(workers))"
    }.joined(separator: "; ")
  }

  private static let epyc = "pack:1 [numa] l3:8 l2:8 core:1 pu:1"
  private static let twoSockets = "pack:2 [numa] l3:1 core:4 pu:1"
  private static let fourThreadCores = "pack:2 [numa] l2:4 core:1 pu:4"

  @Test func aLaneForEachCacheIsServedByTheWorkersOfThatCache() throws {
    #expect(try text(teams(Self.twoSockets, workers: 8, lanes: 2)) == "0: 0-3; 1: 4-7")
    #expect(
      try text(teams(Self.epyc, workers: 64, lanes: 8))
        == "0: 0-7; 1: 8-15; 2: 16-23; 3: 24-31; 4: 32-39; 5: 40-47; 6: 48-55; 7: 56-63")
    // Workers 8 and 9 are second threads of the first package.
    #expect(try text(teams(Self.fourThreadCores, workers: 10, lanes: 2)) == "0: 0-3,8; 1: 4-7,9")
    #expect(try text(teams(Self.fourThreadCores, workers: 12, lanes: 2)) == "0: 0-3,8-9; 1: 4-7,10-11")
  }

  @Test func unequalCachesGetTeamsOfNearlyEqualSize() throws {
    #expect(try text(teams(Self.epyc, workers: 20, lanes: 3)) == "0: 0-6; 1: 7-13; 2: 14-19")
    #expect(try text(teams(Self.twoSockets, workers: 5, lanes: 2)) == "0: 0-2; 1: 3-4")
  }

  @Test func fewerWorkersThanLanesServeRunsOfThem() throws {
    #expect(try text(teams(Self.twoSockets, workers: 3, lanes: 8)) == "0-2: 0; 3-5: 1; 6-7: 2")
    #expect(try text(teams(Self.twoSockets, workers: 1, lanes: 4)) == "0-3: 0")
    #expect(text(.alone(laneCount: 4)) == "0-3: 0")
  }

  @Test(arguments: [twoSockets, epyc, fourThreadCores, "pack:1 core:3 pu:1"], [1, 2, 3, 5, 8, 33])
  func everyLaneIsServedAndEveryWorkerHasASeat(topology: String, workers: Int) throws {
    for lanes in 1...9 {
      let teams = try teams(topology, workers: workers, lanes: lanes)
      #expect(teams.seats.count == workers)
      #expect(Set(teams.seats.flatMap(\.lanes)) == Set(0..<lanes))
      for run in Set(teams.seats.map(\.lanes)) {
        let mates = teams.seats.filter { $0.lanes == run }
        #expect(mates.map(\.rank).sorted() == Array(0..<mates.count))
        #expect(mates.allSatisfy { $0.teamSize == mates.count })
        #expect(mates.count == 1 || run.count == 1, "several workers share one lane only")
      }
      let sizes = Set(teams.seats.map(\.teamSize))
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      #expect(teams.groups.workerCount == workers)
    }
  }
}
