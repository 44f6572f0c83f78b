import Synchronization
import Testing
import WorkerTeam

private struct Mishap: Error, Equatable {
  let worker: Int
}

@Suite("Workers that meet in groups", .serialized) struct GroupBarrierTests {
  private func team(_ workers: Int, spin: Duration? = nil) throws -> WorkerTeam {
    try WorkerTeam(processors: Array(repeating: nil, count: workers), options: .init(spin: spin))
  }

  /// Rounds of write, meeting, check of the group, and now and then a barrier of all with a check of all; returns how many
  /// checks found a wrong value.
  private func strangers(team: WorkerTeam, groups: [Int], rounds: Int) throws -> Int {
    let ledger = PerWorker(workerCount: groups.count, 0), strangers = PerWorker(workerCount: groups.count, 0)
    try team.broadcast(groups: WorkerGroups(groupOfWorker: groups)) { worker in
      let mates = groups.indices.filter { groups[$0] == groups[worker.index] }
      var found = 0
      for round in 1...rounds {
        skewedWork(worker: worker.index, round: round, most: 40)
        ledger[worker.index] = round
        try worker.meetGroup()
        found += mates.count { ledger[$0] != round }
        try worker.meetGroup()
        if round % 3 == 0 {
          try worker.barrier()
          found += ledger.countStrangers(to: round)
          try worker.barrier()
        }
      }
      strangers[worker.index] = found
    }
    return strangers.all.reduce(0, +) + ledger.countStrangers(to: rounds)
  }

  @Test(
    "everyone sees what the group wrote before a meeting, and what all wrote before a barrier",
    arguments: [
      [0], [0, 0], [0, 1], [0, 0, 1, 1], [1, 0, 1, 0, 1], [0, 1, 1, 2, 2, 2, 2], Array(repeating: 0, count: 9),
    ])
  func groupsMeet(groups: [Int]) throws {
    #expect(try strangers(team: team(groups.count), groups: groups, rounds: groups.count < 4 ? 6000 : 900) == 0)
  }

  @Test("both ways of waiting are right", arguments: [Duration.zero, .milliseconds(1)])
  func eachWayOfWaiting(spin: Duration) throws {
    #expect(try strangers(team: team(4, spin: spin), groups: [0, 1, 0, 1], rounds: spin == .zero ? 300 : 12) == 0)
  }

  @Test("a team serves broadcasts with other groups, with fewer workers and with none, one after the other")
  func groupsChange() throws {
    let team = try team(6)
    for groups in [[0, 0, 1, 1, 2, 2], [0, 1], [1, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0]] {
      #expect(try strangers(team: team, groups: groups, rounds: 90) == 0)
      let passed = Atomic<Int>(0)
      try team.broadcast { worker in
        try worker.meetGroup()
        try worker.barrier()
        passed.add(1, ordering: .relaxed)
      }
      #expect(passed.load(ordering: .relaxed) == 6)
    }
  }

  @Test("one group is many meetings ahead of another")
  func groupsAreIndependent() throws {
    let progress = Atomic<Int>(0)
    try team(4).broadcast(groups: WorkerGroups(groupOfWorker: [0, 0, 1, 1])) { worker in
      // The first group must be through all its meetings before the second begins its first.
      if worker.index > 1 { while progress.load(ordering: .acquiring) < 2 { nap() } }
      for _ in 0..<50 { try worker.meetGroup() }
      progress.add(1, ordering: .releasing)
    }
    #expect(progress.load(ordering: .relaxed) == 4)
  }

  @Test(
    "a failing worker sends away its group and then all others, wherever they wait",
    arguments: 0..<5, [0, 1, 7])
  func failureReachesAll(failing: Int, round: Int) throws {
    let team = try team(5)
    let groups = [0, 1, 0, 1, 1]
    for _ in 0..<40 {
      let error = #expect(throws: Mishap.self) {
        try team.broadcast(groups: WorkerGroups(groupOfWorker: groups)) { worker in
          for now in 0..<10 {
            skewedWork(worker: worker.index, round: now, most: 200)
            if now == round, worker.index == failing { throw Mishap(worker: failing) }
            try worker.meetGroup()
            try worker.barrier()
          }
        }
      }
      #expect(error == Mishap(worker: failing))
    }
    #expect(try strangers(team: team, groups: groups, rounds: 60) == 0)
  }

  @Test("a worker that finishes early hangs nobody and is told on", arguments: 0..<4)
  func earlyFinish(early: Int) throws {
    let team = try team(4)
    let error = #expect(throws: WorkerTeamError.self) {
      try team.broadcast(groups: WorkerGroups(groupOfWorker: [0, 0, 1, 1])) { worker in
        try worker.meetGroup()
        if worker.index == early { return }
        try worker.meetGroup()
        try worker.barrier()
      }
    }
    #expect(error?.code == .barrierMismatch)
  }

  @Test("more workers in groups than the team has are refused")
  func tooManyWorkers() throws {
    let error = try #require(throws: WorkerTeamError.self) {
      try team(2).broadcast(groups: WorkerGroups(groupOfWorker: [0, 0, 1])) { _ in }
    }
    #expect(error.code == .activeWorkersOutOfRange)
  }
}
