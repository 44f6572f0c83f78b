import CPlatform
import Glibc
import HardwareTopology

/// What a worker found out about itself when it started.
struct WorkerStart: Sendable {
  let pinning: PinningOutcome
  /// Where it may run; empty where the kernel does not say.
  let affinity: ProcessorSet
}

/// One POSIX thread of a team: how it is created, what it does, how it ends.
struct WorkerThread {
  private let handle: pthread_t

  /// What a new thread is told; it takes over the reference.
  private final class Birth: Sendable {
    let index: Int
    let processor: Int?
    let state: TeamState

    init(index: Int, processor: Int?, state: TeamState) {
      self.index = index
      self.processor = processor
      self.state = state
    }
  }

  /// Creates a thread for each entry of `processors`.
  ///
  /// - Throws: `.threadCreation` when the system refuses one; those created before it have ended by then.
  static func createAll(
    processors: [Int?], stackByteCount: Int, state: TeamState
  ) throws(WorkerTeamError) -> [WorkerThread] {
    let stackByteCount = max(stackByteCount, 1 << 20)
    let mask = SignalMask.blockForChildren()
    defer { mask.restore() }
    var threads: [WorkerThread] = []
    for (index, processor) in processors.enumerated() {
      do throws(SystemRefusal) {
        let birth = Birth(index: index, processor: processor, state: state)
        threads.append(try create(birth, stackByteCount: stackByteCount))
      } catch {
        endAll(threads, state: state)
        throw .threadCreation(
          index: index, count: processors.count, errorNumber: error.errorNumber, stackByteCount: stackByteCount)
      }
    }
    return threads
  }

  /// Tells idle threads to end and waits until they have.
  static func endAll(_ threads: [WorkerThread], state: TeamState) {
    for mailbox in state.mailboxes { mailbox.close() }
    for thread in threads { pthread_join(thread.handle, nil) }
  }

  /// Whether this is the thread that asks.
  var isCallingThread: Bool { pthread_equal(handle, pthread_self()) != 0 }

  /// Creates one thread.
  ///
  /// The affinity is left out of its attributes on purpose: a refused one would make the creation fail. The thread
  /// inherits its creator's affinity and pins itself first thing.
  private static func create(_ birth: Birth, stackByteCount: Int) throws(SystemRefusal) -> WorkerThread {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackByteCount)

    let reference = Unmanaged.passRetained(birth)
    var handle = pthread_t()
    let failure = pthread_create(&handle, &attributes, { WorkerThread.main($0) }, reference.toOpaque())
    if failure != 0 {
      reference.release()
      throw SystemRefusal(errorNumber: failure)
    }
    return WorkerThread(handle: handle)
  }

  /// A refusal of the system, by its number.
  private struct SystemRefusal: Error {
    let errorNumber: Int32
  }

  private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let birth = Unmanaged<Birth>.fromOpaque(argument).takeRetainedValue()
    introduceYourself(birth)
    serve(birth.state, as: birth.index)
    return nil
  }

  /// Pins and names the thread, sets its floating-point mode, and reports where it runs.
  private static func introduceYourself(_ birth: Birth) {
    let pinning = ThreadPinning.pinCurrentThread(to: birth.processor)
    // At most 15 bytes. A refusal costs the name and nothing else, so it is ignored.
    _ = platform_set_thread_name("fascicle-\(birth.index % 1_000_000)")
    // Never restored: this thread runs the team's jobs and no one else's code.
    _ = platform_flush_denormals()
    birth.state.starts[birth.index] = WorkerStart(pinning: pinning, affinity: ThreadAffinity.current() ?? [])
    birth.state.finishOne()
  }

  /// Runs one job for each new generation of the mailbox, until the mailbox is closed.
  private static func serve(_ state: TeamState, as index: Int) {
    let mailbox = state.mailboxes[index]
    var seen = GenerationWord.Snapshot.initial
    var spinNanoseconds: UInt64 = 0
    while true {
      let deadline = MonotonicTime.nanoseconds() &+ spinNanoseconds
      seen = mailbox.waitCold(past: seen, spinDeadline: deadline)
      if seen.isClosed { return }
      spinNanoseconds = state.job.pointee?.spinNanoseconds ?? 0
      state.runJob(as: index)
      state.finishOne()
    }
  }
}
