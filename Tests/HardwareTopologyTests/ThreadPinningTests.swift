import Foundation
import HardwareTopology
import Testing

struct ThreadPinningTests {
  @Test func aPinnedThreadsMaskIsItsOneProcessor() async throws {
    let affinity = try #require(ThreadAffinity.current())
    for processor in affinity.prefix(4) {
      let (outcome, mask) = await onFreshThread {
        (ThreadPinning.pinCurrentThread(to: processor), ThreadAffinity.current())
      }
      #expect(outcome == .verified(processor: processor))
      #expect(mask == [processor])
    }
  }

  @Test(arguments: [4095, 8192, ProcessorSet.capacity - 1, ProcessorSet.capacity, -1, Int.max, Int.min])
  func aProcessorThatCannotBeHadIsReportedAndLeavesTheMask(processor: Int) async {
    let (outcome, before, after) = await onFreshThread {
      let before = ThreadAffinity.current()
      return (ThreadPinning.pinCurrentThread(to: processor), before, ThreadAffinity.current())
    }
    guard case .notPossible(processor, let reason) = outcome else {
      Issue.record("expected .notPossible, got \(outcome)")
      return
    }
    #expect(reason.hasSuffix("."))
    // A report says a reason once for all the workers that share it.
    #expect(!reason.contains("\(processor)"))
    #expect(before == after)
  }

  @Test func aThreadThatNobodyAskedToPinKeepsItsMask() async {
    let (outcome, before, after) = await onFreshThread {
      let before = ThreadAffinity.current()
      return (ThreadPinning.pinCurrentThread(to: nil), before, ThreadAffinity.current())
    }
    #expect(outcome == .notRequested)
    #expect(before == after)
  }

  @Test func pinningOneThreadLeavesTheOthersAlone() async throws {
    let before = ThreadAffinity.current()
    let processor = try #require(before?.min())
    _ = await onFreshThread { ThreadPinning.pinCurrentThread(to: processor) }
    #expect(await onFreshThread { ThreadAffinity.current() } == before)
  }

  @Test func outcomesReadAsWords() {
    #expect(PinningOutcome.verified(processor: 3).description == "pinned to processor 3, verified")
    let impossible = PinningOutcome.notPossible(processor: 8, reason: "It rains.")
    #expect(impossible.description == "not pinned to processor 8: It rains.")
    #expect(PinningOutcome.notRequested.description == "not pinned: not requested")
  }

  /// Runs work on a thread of its own, so that no pinned thread goes back into a pool.
  private func onFreshThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}
