import Synchronization
import Testing
import WorkerTeam

private struct Mishap: Error, Equatable {
  let worker: Int
}

@Suite(.serialized) struct WorkerFailureTests {
  /// Broadcasts rounds of barriers in which the workers of `failing` throw at `failingRound`; returns what came out.
  private func mishap(team: WorkerTeam, failing: Set<Int>, atRound failingRound: Int) -> Mishap? {
    let error = #expect(throws: Mishap.self) {
      try team.broadcast { worker in
        for round in 0..<10 {
          if round == failingRound && failing.contains(worker.index) { throw Mishap(worker: worker.index) }
          try worker.barrier()
        }
      }
    }
    return error
  }

  /// Whether every worker passes some barriers together.
  private func isUsable(_ team: WorkerTeam) throws -> Bool {
    let passed = Atomic<Int>(0)
    try team.broadcast { worker in
      for _ in 0..<20 { try worker.barrier() }
      passed.add(1, ordering: .relaxed)
    }
    return passed.load(ordering: .relaxed) == team.workerCount
  }

  @Test(
    "a worker that fails, at any position and round, brings its error out and leaves the team usable",
    arguments: [1, 2, 3, 7, 16])
  func oneFails(workers: Int) throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: workers))
    for failing in 0..<workers {
      for round in [0, 1, 9] {
        #expect(mishap(team: team, failing: [failing], atRound: round) == Mishap(worker: failing))
        #expect(try isUsable(team))
      }
    }
  }

  @Test("of two workers that fail in the same round, the lower one is heard")
  func twoFail() throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: 5))
    for first in 0..<4 {
      for second in (first + 1)..<5 {
        for round in 0..<20 {
          #expect(mishap(team: team, failing: [second, first], atRound: round % 10) == Mishap(worker: first))
        }
      }
    }
    #expect(try isUsable(team))
  }

  @Test("sixty-four workers on few processors are all sent away")
  func manyFail() throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: 64))
    #expect(mishap(team: team, failing: [63], atRound: 3) == Mishap(worker: 63))
    #expect(mishap(team: team, failing: Set(0..<64), atRound: 0) == Mishap(worker: 0))
    #expect(try isUsable(team))
  }

  @Test("a failure reaches those that sleep in the barrier", arguments: [Duration.zero, .milliseconds(1)])
  func failureReachesSleepers(spin: Duration) throws {
    let team = try WorkerTeam(processors: [nil, nil, nil], options: .init(spin: spin))
    let sentAway = Atomic<Int>(0)
    let arriving = Atomic<Int>(0)
    let error = #expect(throws: Mishap.self) {
      try team.broadcast { worker in
        if worker.index == 0 {
          // The others are at the barrier or about to be; the naps give them every chance to fall asleep in it.
          while arriving.load(ordering: .acquiring) < 2 { nap() }
          for _ in 0..<5 { nap() }
          throw Mishap(worker: 0)
        }
        arriving.add(1, ordering: .releasing)
        do {
          try worker.barrier()
        } catch {
          sentAway.add(1, ordering: .relaxed)
          throw error
        }
      }
    }
    #expect(error == Mishap(worker: 0))
    #expect(sentAway.load(ordering: .relaxed) == 2)
  }

  @Test("a round succeeds for all or for none, whatever the moment of the failure")
  func allOrNone() throws {
    let team = try WorkerTeam(processors: [nil, nil, nil])
    for attempt in 0..<300 {
      let passed = PerWorker(workerCount: 3, 0)
      _ = #expect(throws: Mishap.self) {
        try team.broadcast { worker in
          for round in 0..<5 {
            skewedWork(worker: worker.index, round: round &+ attempt, most: 500)
            try worker.barrier()
            passed[worker.index] += 1
            if round == attempt % 4 && worker.index == attempt % 3 { throw Mishap(worker: worker.index) }
          }
        }
      }
      #expect(passed.all == Array(repeating: attempt % 4 + 1, count: 3))
    }
  }

  @Test("a body that ignores being sent away is sent away again, and the true error still comes out")
  func stubbornBody() throws {
    let team = try WorkerTeam(processors: [nil, nil, nil])
    let refusals = Atomic<Int>(0)
    let error = #expect(throws: Mishap.self) {
      try team.broadcast { worker in
        if worker.index == 2 { throw Mishap(worker: 2) }
        for _ in 0..<10 {
          do { try worker.barrier() } catch { refusals.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(error == Mishap(worker: 2))
    #expect(refusals.load(ordering: .relaxed) == 20)
    #expect(try isUsable(team))
  }

  @Test("a worker that finishes early hangs nobody and is told on")
  func earlyFinish() throws {
    let team = try WorkerTeam(processors: [nil, nil, nil])
    let error = #expect(throws: WorkerTeamError.self) {
      try team.broadcast { worker in
        try worker.barrier()
        if worker.index == 1 { return }
        try worker.barrier()
      }
    }
    #expect(error?.code == .barrierMismatch)
    #expect(try isUsable(team))
  }

  @Test("a failure among fewer active workers concerns these only")
  func failureInSubset() throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: 4))
    let error = #expect(throws: Mishap.self) {
      try team.broadcast(activeWorkers: 2) { worker in
        if worker.index == 1 { throw Mishap(worker: 1) }
        try worker.barrier()
      }
    }
    #expect(error == Mishap(worker: 1))
    #expect(try isUsable(team))
  }
}
