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

  @Test(arguments: [-1, ProcessorSet.capacity - 1, ProcessorSet.capacity, Int.max, Int.min])
  func aProcessorThatDoesNotExistIsReportedAndLeavesTheMask(processor: Int) async {
    let (outcome, before, after) = await onFreshThread {
      let before = ThreadAffinity.current()
      return (ThreadPinning.pinCurrentThread(to: processor), before, ThreadAffinity.current())
    }
    guard case .notPossible(let reason) = outcome else {
      Issue.record("expected .notPossible, got \(outcome)")
      return
    }
    #expect(reason.contains("processor \(processor)"))
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
    #expect(PinningOutcome.notPossible(reason: "it rains.").description == "not pinned: it rains.")
    #expect(PinningOutcome.notRequested.description == "not pinned: not requested")
  }

  /// Runs work on a thread of its own, so that no pinned thread goes back into a pool.
  private func onFreshThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}
