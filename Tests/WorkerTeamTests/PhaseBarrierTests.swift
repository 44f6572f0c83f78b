import HardwareTopology
import Testing
import WorkerTeam

@Suite(.serialized) struct PhaseBarrierTests {
  /// Runs `rounds` rounds of write, barrier, check all, barrier, and returns how many checks found a wrong value.
  private func strangers(team: WorkerTeam, activeWorkers: Int, rounds: Int) throws -> Int {
    let ledger = PerWorker(workerCount: activeWorkers, 0)
    let strangers = PerWorker(workerCount: activeWorkers, 0)
    try team.broadcast(activeWorkers: activeWorkers) { worker in
      var found = 0
      for round in 1...rounds {
        skewedWork(worker: worker.index, round: round, most: 40)
        ledger[worker.index] = round
        try worker.barrier()
        found += ledger.countStrangers(to: round)
        try worker.barrier()
      }
      strangers[worker.index] = found
    }
    return strangers.all.reduce(0, +) + ledger.countStrangers(to: rounds)
  }

  @Test(
    "everyone sees what everyone wrote before the barrier",
    arguments: [(1, 50_000), (2, 50_000), (3, 50_000), (7, 5_000), (16, 2_000), (64, 400)])
  func everyoneSeesEveryone(workers: Int, rounds: Int) throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: workers))
    #expect(try strangers(team: team, activeWorkers: workers, rounds: rounds) == 0)
  }

  @Test("pinned workers meet as well, even two on one processor", arguments: [[0, 1], [0, 0]])
  func pinnedWorkersMeet(places: [Int]) throws {
    let here = Array(try #require(ThreadAffinity.current()))
    let team = try WorkerTeam(processors: places.map { here[$0 % here.count] })
    #expect(try strangers(team: team, activeWorkers: 2, rounds: 5_000) == 0)
  }

  @Test(
    "both ways of waiting are right by themselves",
    arguments: [Duration.zero, .microseconds(5), .seconds(1)], [2, 3])
  func eachWayOfWaiting(spin: Duration, workers: Int) throws {
    // With no spin every wait that is not over at once parks; with a second of it, nobody parks. Three workers that
    // spin for so long on two processors take a time slice for each round, hence the few rounds.
    let team = try WorkerTeam(processors: Array(repeating: nil, count: workers), options: .init(spin: spin))
    let rounds = spin == .seconds(1) ? (workers == 2 ? 500 : 3) : 5_000
    #expect(try strangers(team: team, activeWorkers: workers, rounds: rounds) == 0)
  }

  @Test("the barrier counts the active workers only", arguments: 1...7)
  func subsetMeets(active: Int) throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: 7))
    #expect(try strangers(team: team, activeWorkers: active, rounds: 300) == 0)
    #expect(try strangers(team: team, activeWorkers: 7, rounds: 100) == 0)
    #expect(try strangers(team: team, activeWorkers: active, rounds: 100) == 0)
  }

  @Test("waiting is measured, from zero in each broadcast")
  func waitingIsMeasured() throws {
    let team = try WorkerTeam(processors: [nil, nil], options: .init(timesEveryBarrier: true))
    let measured = PerWorker<UInt64>(workerCount: 2, 0)
    for rounds in [1000, 0] {
      try team.broadcast { worker in
        for _ in 0..<rounds { try worker.barrier() }
        measured[worker.index] = worker.barrierWaitNanoseconds
      }
      #expect(measured.all.allSatisfy { ($0 > 0) == (rounds > 0) })
    }
  }

  @Test("control: the ledger notices a worker that is a round behind or ahead")
  func ledgerNoticesStrangers() {
    let ledger = PerWorker(workerCount: 3, 5)
    #expect(ledger.countStrangers(to: 5) == 0)
    ledger[1] = 4
    ledger[2] = 6
    #expect(ledger.countStrangers(to: 5) == 2)
  }
}
