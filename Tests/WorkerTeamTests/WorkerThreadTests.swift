import Glibc
import HardwareTopology
import Synchronization
import Testing
import WorkerTeam

/// Lets other threads run for a moment.
func nap() {
  var moment = timespec(tv_sec: 0, tv_nsec: 1_000_000)
  nanosleep(&moment, nil)
}

/// The beginning of a small file of the proc file system, or nothing.
private func textOfFile(_ path: String) -> String {
  let file = open(path, O_RDONLY)
  guard file >= 0 else { return "" }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 256)
  let count = max(0, read(file, &bytes, bytes.count))
  return String(decoding: bytes.prefix(count), as: UTF8.self)
}

/// The calling thread's signal mask, as it is before `signals` are blocked or unblocked.
private func signalMask(changing how: Int32 = SIG_BLOCK, _ signals: [Int32] = []) -> sigset_t {
  var change = sigset_t()
  sigemptyset(&change)
  for signal in signals { sigaddset(&change, signal) }
  var before = sigset_t()
  pthread_sigmask(how, &change, &before)
  return before
}

@Suite struct WorkerThreadTests {
  @Test("workers run where they were pinned, and say so")
  func pinnedWhereAsked() throws {
    let here = Array(try #require(ThreadAffinity.current()))
    let wanted = (0..<3).map { here[$0 % here.count] }
    let team = try WorkerTeam(processors: wanted)
    #expect(team.pinning == wanted.map { .verified(processor: $0) })
    let found = PerWorker<ProcessorSet?>(workerCount: 3, nil)
    try team.broadcast { worker in
      found[worker.index] = ThreadAffinity.current()
    }
    #expect(found.all == wanted.map { ProcessorSet([$0]) })
  }

  @Test("the host's own affinity stays as it is")
  func hostAffinityUnchanged() throws {
    let before = try #require(ThreadAffinity.current())
    defer { _ = ThreadAffinity.set(before) }
    let onlyLast = ProcessorSet(before.suffix(1))
    for own in [before, onlyLast] {
      #expect(ThreadAffinity.set(own) == nil)
      let team = try WorkerTeam(processors: [before.min(), nil, 4095])
      try team.broadcast { _ in }
      team.shutDown()
      #expect(ThreadAffinity.current() == own)
    }
  }

  @Test("a processor that can't be had is reported, not fatal", arguments: [4095, -1])
  func impossibleProcessor(processor: Int) throws {
    let team = try WorkerTeam(processors: [processor, nil])
    guard case .notPossible(processor, _) = team.pinning[0] else {
      Issue.record("expected notPossible, got \(team.pinning[0])")
      return
    }
    #expect(team.pinning[1] == .notRequested)
    let ran = Atomic<Int>(0)
    try team.broadcast { _ in ran.add(1, ordering: .relaxed) }
    #expect(ran.load(ordering: .relaxed) == 2)
  }

  @Test("workers have a name")
  func name() throws {
    let team = try WorkerTeam(processors: [nil, nil])
    let names = PerWorker(workerCount: 2, "")
    try team.broadcast { names[$0.index] = textOfFile("/proc/thread-self/comm") }
    #expect(names.all == ["fascicle-0\n", "fascicle-1\n"])
  }

  @Test("workers that have nothing to do sleep")
  func idleWorkersSleep() throws {
    let team = try WorkerTeam(processors: [nil, nil])
    for _ in 0..<2 {
      let statFiles = PerWorker(workerCount: 2, "")
      try team.broadcast { worker in
        let threadID = textOfFile("/proc/thread-self/stat").prefix { $0 != " " }
        statFiles[worker.index] = "/proc/self/task/\(threadID)/stat"
      }
      for file in statFiles.all {
        // A worker that never sleeps is never seen asleep; one that does soon is. The limit only ends a failing test.
        let isSeenAsleep = (0..<10_000).contains { _ in
          nap()
          return textOfFile(file).contains(") S ")
        }
        #expect(isSeenAsleep)
      }
    }
  }

  @Test("workers block the host's signals, but not those of their own faults; the host's mask stays as it is")
  func signals() throws {
    // The test's thread may come from a pool that blocks signals, so it is opened for these first.
    let hostSignals = [SIGUSR1, SIGWINCH, SIGURG]
    var before = signalMask(changing: SIG_UNBLOCK, hostSignals)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    let team = try WorkerTeam(processors: [nil])
    let blocked = PerWorker<[Bool]>(workerCount: 1, [])
    try team.broadcast { worker in
      var mask = signalMask()
      let asked = hostSignals + [SIGINT, SIGTERM, SIGSEGV, SIGBUS, SIGFPE, SIGILL]
      blocked[worker.index] = asked.map { sigismember(&mask, $0) == 1 }
    }
    #expect(blocked[0] == [true, true, true, true, true, false, false, false, false])

    var after = signalMask()
    #expect(hostSignals.allSatisfy { sigismember(&after, $0) == 0 })
  }

  @Test("workers flush denormal numbers, the host does not")
  func denormals() throws {
    let team = try WorkerTeam(processors: [nil])
    let flushed = Atomic<Bool>(false)
    try team.broadcast { _ in flushed.store(half(Float.leastNormalMagnitude) == 0, ordering: .relaxed) }
    let isFlushed = flushed.load(ordering: .relaxed)
    #expect(isFlushed)
    #expect(half(Float.leastNormalMagnitude) != 0)
  }

  @inline(never)
  private func half(_ value: Float) -> Float { value * Float(ProcessorSet([0]).count) / 2 }

  @Test("a team of nobody is refused")
  func noWorkers() {
    let error = #expect(throws: WorkerTeamError.self) { try WorkerTeam(processors: []) }
    #expect(error?.code == .noWorkers)
  }

  @Test("when the system refuses a thread, the error names it and no thread stays behind")
  func threadRefused() throws {
    // No address space holds 64 stacks of 16 TiB: the first few may be had, and some later one can't.
    let error = #expect(throws: WorkerTeamError.self) {
      try WorkerTeam(processors: Array(repeating: nil, count: 64), options: .init(stackByteCount: 1 << 44))
    }
    #expect(error?.code == .threadCreation)
    #expect(error?.message.contains("of 64") == true)
  }
}
