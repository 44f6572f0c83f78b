import Glibc
import Synchronization
import Testing
import WorkerTeam

@Suite struct BroadcastTests {
  @Test("every worker runs every broadcast once", arguments: [1, 2, 3, 7, 16, 64])
  func everyWorkerRunsOnce(workers: Int) throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: workers))
    let attendance = PerWorker(workerCount: workers, 0)
    for _ in 0..<50 {
      try team.broadcast { worker in
        if worker.workerCount == workers { attendance[worker.index] += 1 }
      }
    }
    #expect(attendance.all == Array(repeating: 50, count: workers))
  }

  @Test("teams can be started, used and stopped again and again")
  func startUseStop() throws {
    for cycle in 0..<100 {
      let workers = 1 + cycle % 5
      let team = try WorkerTeam(processors: Array(repeating: nil, count: workers))
      let attendance = PerWorker(workerCount: workers, 0)
      if cycle % 3 > 0 { try team.broadcast { attendance[$0.index] += 1 } }
      #expect(attendance.all == Array(repeating: min(cycle % 3, 1), count: workers))
      if cycle % 2 == 0 { team.shutDown() }
    }
  }

  @Test("the first workers take part in a smaller broadcast, the others sleep on")
  func smallerBroadcast() throws {
    let team = try WorkerTeam(processors: Array(repeating: nil, count: 5))
    let attendance = PerWorker(workerCount: 5, 0)
    for active in [3, 1, 5, 2] {
      try team.broadcast(activeWorkers: active) { worker in
        if worker.workerCount == active { attendance[worker.index] += 1 }
      }
    }
    #expect(attendance.all == [4, 3, 2, 1, 1])
  }

  @Test("the body reads what the caller wrote, and the caller what the bodies wrote, in plain memory")
  func plainMemoryPassesBothWays() throws {
    let team = try WorkerTeam(processors: [nil, nil, nil])
    let ledger = PerWorker(workerCount: 3, 0)
    for round in 1...2000 {
      for worker in 0..<3 { ledger[worker] = round }
      try team.broadcast { ledger[$0.index] *= -1 }
      #expect(ledger.countStrangers(to: -round) == 0)
    }
  }

  @Test("the calling thread works while it waits")
  func callerWorksWhileWaiting() throws {
    let team = try WorkerTeam(processors: [nil, nil])
    let mayFinish = Atomic<Bool>(false)
    var ticks = 0
    let caller = pthread_self()
    try team.broadcast(
      tick: .milliseconds(1),
      whileWaiting: {
        #expect(pthread_equal(caller, pthread_self()) != 0)
        ticks += 1
        if ticks == 3 { mayFinish.store(true, ordering: .relaxed) }
      }
    ) { _ in
      // Ends only if the caller really wakes up while the workers are at it.
      while !mayFinish.load(ordering: .relaxed) { sched_yield() }
    }
    #expect(ticks >= 3)
  }

  @Test(
    "a broadcast to too few or too many workers is refused with the range", arguments: [0, -1, 4, Int.max, Int.min])
  func wrongActiveWorkers(active: Int) throws {
    let team = try WorkerTeam(processors: [nil, nil, nil])
    let error = #expect(throws: WorkerTeamError.self) { try team.broadcast(activeWorkers: active) { _ in } }
    #expect(error?.code == .activeWorkersOutOfRange)
    #expect(error?.description.contains("from 1 to 3") == true)
  }

  @Test("a broadcast from inside a worker is refused, and the outer one goes on")
  func broadcastFromWorker() throws {
    let team = try WorkerTeam(processors: [nil, nil])
    let codes = PerWorker<WorkerTeamError.Code?>(workerCount: 2, nil)
    try team.broadcast { worker in
      do {
        try team.broadcast { _ in }
      } catch let error as WorkerTeamError {
        codes[worker.index] = error.code
      }
      try worker.barrier()
    }
    #expect(codes.all == [.calledFromWorker, .calledFromWorker])
  }

  @Test("a broadcast during another one is refused, from the same thread and from another team's worker")
  func broadcastDuringBroadcast() throws {
    let team = try WorkerTeam(processors: [nil])
    let otherTeam = try WorkerTeam(processors: [nil])
    let mayFinish = Atomic<Bool>(false)
    var codes: [WorkerTeamError.Code?] = []
    try team.broadcast(
      tick: .milliseconds(1),
      whileWaiting: {
        guard codes.isEmpty else { return }
        for attempt in [
          { try team.broadcast { _ in } }, { try otherTeam.broadcast { _ in try team.broadcast { _ in } } },
        ] {
          codes.append(#expect(throws: WorkerTeamError.self, performing: attempt)?.code)
        }
        mayFinish.store(true, ordering: .relaxed)
      }
    ) { _ in
      while !mayFinish.load(ordering: .relaxed) { sched_yield() }
    }
    #expect(codes == [.busy, .busy])
  }

  @Test("a team that was shut down says so, however often that was done")
  func shutDownTwice() throws {
    let team = try WorkerTeam(processors: [nil, nil])
    team.shutDown()
    team.shutDown()
    let error = #expect(throws: WorkerTeamError.self) { try team.broadcast { _ in } }
    #expect(error?.code == .shutDown)
  }

  @Test("shutting down from inside a broadcast lets it finish first")
  func shutDownFromWorker() throws {
    let team = try WorkerTeam(processors: [nil, nil, nil])
    let attendance = PerWorker(workerCount: 3, 0)
    try team.broadcast { worker in
      team.shutDown()
      try worker.barrier()
      attendance[worker.index] += 1
    }
    #expect(attendance.all == [1, 1, 1])
    #expect(throws: WorkerTeamError.self) { try team.broadcast { _ in } }
  }

  @Test("callers on many threads are each served or refused, never both or neither")
  func manyCallers() throws {
    let team = try WorkerTeam(processors: [nil, nil])
    let callers = try WorkerTeam(processors: Array(repeating: nil, count: 4))
    let ran = Atomic<Int>(0)
    let served = Atomic<Int>(0)
    try callers.broadcast { _ in
      for _ in 0..<200 {
        do {
          try team.broadcast { _ in ran.add(1, ordering: .relaxed) }
          served.add(1, ordering: .relaxed)
        } catch let error as WorkerTeamError where error.code == .busy {}
      }
    }
    #expect(ran.load(ordering: .relaxed) == 2 * served.load(ordering: .relaxed))
    #expect(served.load(ordering: .relaxed) > 0)
  }
}
