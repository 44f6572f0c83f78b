import Glibc
import Synchronization
import Testing
import WorkerTeam

/// Lets other threads run for a moment.
func nap() {
  var moment = timespec(tv_sec: 0, tv_nsec: 1_000_000)
  nanosleep(&moment, nil)
}

@Suite struct WorkerThreadTests {
  @Test("workers run where they were pinned, and say so")
  func pinnedWhereAsked() throws {
    let here = ProcessorSet.ofCallingThread().processors
    let wanted = (0..<3).map { here[$0 % here.count] }
    let team = try WorkerTeam(processors: wanted)
    #expect(team.pinning == wanted.map { .verified(processor: $0) })
    let found = PerWorker<[Int]>(workerCount: 3, [])
    try team.broadcast { worker in
      found[worker.index] = ProcessorSet.ofCallingThread().processors
    }
    #expect(found.all == wanted.map { [$0] })
  }

  @Test("the host's own affinity stays as it is")
  func hostAffinityUnchanged() throws {
    let before = ProcessorSet.ofCallingThread()
    #expect(before.count > 0)
    let team = try WorkerTeam(processors: [before.processors[0], nil, 4095])
    try team.broadcast { _ in }
    team.shutDown()
    #expect(ProcessorSet.ofCallingThread() == before)
  }

  @Test("a processor that can't be had is reported, not fatal", arguments: [4095, 8191, 8192, -1, Int.max, Int.min])
  func impossibleProcessor(processor: Int) throws {
    let team = try WorkerTeam(processors: [processor, nil])
    guard case .notPossible(processor, let reason) = team.pinning[0] else {
      Issue.record("expected notPossible, got \(team.pinning[0])")
      return
    }
    #expect(reason.hasSuffix("."))
    #expect(team.pinning[1] == .notRequested)
    let ran = Atomic<Int>(0)
    try team.broadcast { _ in ran.add(1, ordering: .relaxed) }
    #expect(ran.load(ordering: .relaxed) == 2)
  }

  @Test("workers have a name, block the host's signals, and receive those of their own faults")
  func nameAndSignals() throws {
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &before)
    let team = try WorkerTeam(processors: [nil, nil])
    let names = PerWorker(workerCount: 2, "")
    try team.broadcast { worker in
      var name = [CChar](repeating: 0, count: 32)
      let file = open("/proc/thread-self/comm", O_RDONLY)
      _ = read(file, &name, 31)
      close(file)
      let text = name.prefix { $0 != 10 && $0 != 0 }.map { UInt8(bitPattern: $0) }
      names[worker.index] = String(decoding: text, as: UTF8.self)

      var mask = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD] { #expect(sigismember(&mask, signal) == 1) }
      for signal in [SIGSEGV, SIGBUS, SIGFPE] { #expect(sigismember(&mask, signal) == 0) }
    }
    #expect(names.all == ["fascicle-0", "fascicle-1"])

    var after = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &after)
    for signal in 1...64 { #expect(sigismember(&after, Int32(signal)) == sigismember(&before, Int32(signal))) }
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
  private func half(_ value: Float) -> Float { value * Float(ProcessorSet(0)?.count ?? 0) / 2 }

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
