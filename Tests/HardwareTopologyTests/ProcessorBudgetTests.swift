import HardwareTopology
import Testing

struct ProcessorBudgetTests {
  @Test func aFreeMachineIsUsedWholeAndNeedsNoWords() throws {
    let machine = try KnownMachine.twoSockets.machine()
    let budget = ProcessorBudget.withoutQuota(on: machine)
    #expect(budget.allowed == machine.processorSet)
    #expect(budget.limit == 8 && budget.fastestKindLimit == 8)
    #expect(budget.quota == nil)
    #expect(budget.reasons == [])
  }

  @Test func anAffinityMaskNarrowsTheBudget() throws {
    let budget = ProcessorBudget.withoutQuota(on: try KnownMachine.twoSockets.machine(), affinity: [1, 2, 6, 99])
    #expect(budget.allowed == [1, 2, 6])
    #expect(budget.limit == 3)
    #expect(budget.reasons == ["The affinity mask 1-2,6,99 leaves 3 of 8 processors."])
  }

  @Test func hwlocsAllowedSetNarrowsItFurther() throws {
    let budget = ProcessorBudget.withoutQuota(on: try KnownMachine.cpusetWithHoles.machine(), affinity: [0, 1, 7, 8])
    #expect(budget.allowed == [1, 7, 8])
    #expect(
      budget.reasons == [
        "The affinity mask 0-1,7-8 leaves 4 of 11 processors.",
        "hwloc allows 1-2,7-8,10-11, which leaves 3 of 4 processors.",
      ])
  }

  @Test func oneWorkerPerCoreUnlessSMTIsAskedFor() throws {
    let machine = try KnownMachine.oneSocketSMT.machine()
    let perCore = ProcessorBudget.withoutQuota(on: machine)
    #expect(perCore.limit == 4)
    #expect(perCore.reasons == ["One worker per core: 4 cores of 8 hardware threads (SMT is off)."])
    let perThread = ProcessorBudget.withoutQuota(on: machine, useSMT: true)
    #expect(perThread.limit == 8)
    #expect(perThread.reasons == [])
  }

  @Test func hybridMachinesTellHowManyWorkersRunOnFastCores() throws {
    let machine = try KnownMachine.hybrid.machine()
    let perCore = ProcessorBudget.withoutQuota(on: machine)
    #expect(perCore.limit == 14 && perCore.fastestKindLimit == 6)
    let perThread = ProcessorBudget.withoutQuota(on: machine, useSMT: true)
    #expect(perThread.limit == 20 && perThread.fastestKindLimit == 12)
  }

  @Test(arguments: [
    ("250000 100000", 2, 2.5, "of 2.5 CPUs (HOST/sys/fs/cgroup/jobs/training/cpu.max) is rounded down to 2."),
    ("300000 100000", 3, 3, "of 3 CPUs (HOST/sys/fs/cgroup/jobs/training/cpu.max) holds."),
    ("299999 100000", 2, 2.99999, "of 2.99999 CPUs (HOST/sys/fs/cgroup/jobs/training/cpu.max) is rounded down to 2."),
    (
      "50000 100000", 1, 0.5,
      "of 0.5 CPUs (HOST/sys/fs/cgroup/jobs/training/cpu.max) is less than one worker needs: expect it to be throttled."
    ),
  ])
  func aQuotaIsRoundedDownButNotBelowOne(text: String, limit: Int, quota: Double, sentence: String) throws {
    let host = try FakeHost.version2(["jobs/training/cpu.max": text + "\n"])
    let budget = try self.budget(host)
    #expect(budget.limit == limit)
    #expect(budget.quota == quota)
    let path = host.rootPath
    #expect(budget.reasons == ["The control group quota " + sentence.replacing("HOST", with: path)])
    #expect(budget.notes == [])
  }

  @Test func aQuotaBeyondTheMachineIsKnownButLimitsNothing() throws {
    let budget = try budget(FakeHost.version2(["jobs/training/cpu.max": "9223372036854775807 1"]))
    #expect(budget.limit == 8)
    #expect(budget.reasons == [])
    #expect(budget.quota == 0x1p63)
  }

  @Test func theTightestAncestorHolds() throws {
    let budget = try budget(
      FakeHost.version2([
        "jobs/training/cpu.max": "600000 100000", "jobs/cpu.max": "400000 100000", "cpu.max": "700000 100000",
      ]))
    #expect(budget.limit == 4)
    #expect(budget.reasons.first?.contains("/jobs/cpu.max") == true)
  }

  @Test func theRootGroupOfAContainerCounts() throws {
    #expect(try budget(FakeHost.version2(["cpu.max": "200000 100000"])).limit == 2)
  }

  @Test func aSiblingGroupDoesNotCount() throws {
    let budget = try budget(FakeHost.version2(["jobs/other/cpu.max": "100000 100000", "cpu.max": "max 100000"]))
    #expect(budget.limit == 8 && budget.quota == nil)
    #expect(budget.notes == [])
  }

  @Test func versionOneQuotasCountInOwnGroupAndAncestors() throws {
    let own = try FakeHost.version1([
      "cpu,cpuacct/task/cpu.cfs_quota_us": "150000\n", "cpu,cpuacct/task/cpu.cfs_period_us": "50000\n",
      "cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ])
    #expect(try budget(own).quota == 3)
    let ancestor = try FakeHost.version1([
      "cpu,cpuacct/task/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/task/cpu.cfs_period_us": "100000\n",
      "cpu,cpuacct/cpu.cfs_quota_us": "250000\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ])
    #expect(try budget(ancestor).limit == 2)
    #expect(try budget(ancestor).notes == [])
  }

  @Test(arguments: ["", "max", "two 100000", "200000", "200000 0", "-5 100000", "200000 100000 7", "1e5 100000"])
  func aMalformedQuotaIsIgnoredAndNoted(text: String) throws {
    let budget = try budget(FakeHost.version2(["jobs/training/cpu.max": text, "jobs/cpu.max": "500000 100000"]))
    #expect(budget.limit == 5)
    #expect(budget.notes.count == 1)
    #expect(budget.notes.first?.contains("cpu.max is ignored: expected “max” or a quota and a period in µs") == true)
  }

  @Test(arguments: [("abc", "100000"), ("200000", "0"), ("200000", "")])
  func aMalformedVersionOneQuotaIsIgnoredAndNoted(quota: String, period: String) throws {
    let budget = try budget(
      FakeHost.version1(["cpu,cpuacct/cpu.cfs_quota_us": quota, "cpu,cpuacct/cpu.cfs_period_us": period]))
    #expect(budget.limit == 8)
    #expect(budget.notes.count == 1)
  }

  @Test func anUnreadableQuotaIsIgnoredAndNoted() throws {
    let host = try FakeHost.version2(["jobs/training/cpu.max": "100000 100000"])
    try host.obstruct("/sys/fs/cgroup/jobs/training/cpu.max")
    let budget = try budget(host)
    #expect(budget.limit == 8)
    #expect(
      budget.notes == ["\(host.rootPath)/sys/fs/cgroup/jobs/training/cpu.max is ignored: Is a directory."])
  }

  @Test func aHostWithoutControlGroupFilesIsNoted() throws {
    let budget = try budget(FakeHost([:]))
    #expect(budget.limit == 8)
    #expect(budget.notes.count == 2)
  }

  @Test func anUnknownAffinityMaskLeavesTheAllowedSet() throws {
    let machine = try KnownMachine.cpusetWithHoles.machine()
    let budget = try FakeHost(affinity: nil, [:]).observe { ProcessorBudget.current(on: machine, environment: $0) }
    #expect(budget.allowed == machine.allowed)
    #expect(budget.notes.last == "The kernel does not tell the affinity mask, so hwloc's allowed set holds.")
  }

  @Test func theMaskHoldsWhereItSharesNothingWithTheMachineOrTheAllowedSet() throws {
    let machine = try KnownMachine.cpusetWithHoles.machine()
    let elsewhere = ProcessorBudget.withoutQuota(on: machine, affinity: [3, 70])
    #expect(elsewhere.allowed == [3, 70] && elsewhere.limit == 2)
    let disallowed = ProcessorBudget.withoutQuota(on: machine, affinity: [0, 4])
    #expect(disallowed.allowed == [0, 4] && disallowed.limit == 2)
    #expect(disallowed.notes.last == "hwloc allows 1-2,7-8,10-11, none of the affinity mask's 0,4; the mask holds.")
  }

  @Test func aMachineOfWhichOnlyTheMaskIsKnownIsNoted() {
    let machine = Machine(onlyKnowing: [0, 1], because: "hwloc is not there.")
    let sentence = "Caches, cores and memory nodes are unknown, only the affinity mask is: hwloc is not there."
    #expect(ProcessorBudget.withoutQuota(on: machine).notes.contains(sentence))
  }

  @Test func theRunningProcessGetsAtLeastOneWorkerWithinItsMask() throws {
    let affinity = try #require(ThreadAffinity.current())
    let budget = ProcessorBudget.current(on: try Machine.current())
    #expect(budget.limit >= 1)
    #expect(budget.allowed.intersection(affinity) == budget.allowed && !budget.allowed.isEmpty)
  }

  private func budget(_ host: FakeHost) throws -> ProcessorBudget {
    let machine = try KnownMachine.twoSockets.machine()
    return host.observe { .current(on: machine, environment: $0) }
  }
}
