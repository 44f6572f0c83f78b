import HardwareTopology
import Testing
import WorkerTeam

@Suite struct SpinPolicyTests {
  private func limits(_ policy: SpinPolicy, upTo count: Int) -> [UInt64] {
    (1...count).map { policy.spinNanoseconds(activeWorkers: $0) }
  }

  private let ample = SpinPolicy.ampleNanoseconds
  private let scarce = SpinPolicy.oversubscribedNanoseconds

  @Test("unpinned workers spin long until they outnumber the processors")
  func unpinned() {
    let policy = SpinPolicy(affinities: Array(repeating: [0, 5], count: 4), usableProcessors: nil, override: nil)
    #expect(limits(policy, upTo: 4) == [ample, ample, scarce, scarce])
  }

  @Test("two workers on one processor are too many, wherever the others may run")
  func sharedProcessor() {
    let policy = SpinPolicy(affinities: [[3], [4], [3], [1, 2, 6]], usableProcessors: nil, override: nil)
    #expect(limits(policy, upTo: 4) == [ample, ample, scarce, scarce])
  }

  @Test("a quota below the number of processors counts")
  func quota() {
    let policy = SpinPolicy(affinities: [[0], [1], [2]], usableProcessors: 2, override: nil)
    #expect(limits(policy, upTo: 3) == [ample, ample, scarce])
  }

  @Test("where nothing is known, nobody spins long")
  func unknown() {
    let policy = SpinPolicy(affinities: [[]], usableProcessors: nil, override: nil)
    #expect(limits(policy, upTo: 1) == [scarce])
  }

  @Test("the user's word is final")
  func override() {
    let policy = SpinPolicy(affinities: [[0], [0]], usableProcessors: 1, override: 7)
    #expect(limits(policy, upTo: 2) == [7, 7])
  }
}
