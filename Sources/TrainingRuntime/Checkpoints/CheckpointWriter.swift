import CPlatform
import Glibc
import NeuronKernels
import WorkerTeam

/// Keeps states beside the training: a thread of its own writes what was copied into one of a few buffers.
///
/// Each buffer goes from free over filling (the caller's) and waiting to writing (the thread's), and back. With two, one can
/// wait while the other is written, and a better epoch takes the place of what waits.
///
/// - Concurrency: the lock guards phases and outcomes; a buffer's contents are the caller's while it fills them and the thread's
///   while it writes, and the lock is passed in between.
final class CheckpointWriter: @unchecked Sendable {
  /// A buffer for one state.
  final class Buffer {
    fileprivate enum Phase { case free, filling, waiting, writing }

    let bytes: AlignedStorage
    fileprivate var phase = Phase.free
    fileprivate var job: Job?
    /// How many states were handed over before this one.
    fileprivate var order = 0

    fileprivate init(byteCount: Int) throws(NeuronKernelsError) { bytes = try AlignedStorage(byteCount: byteCount) }
  }

  /// What is to be kept.
  struct Job {
    var state: TrainingState
    var isBest: Bool
  }

  /// What came of it.
  enum Outcome {
    case kept(CheckpointReport)
    case failed(CheckpointFailure)
  }

  /// Fills in what takes long to find out, on the thread that writes.
  private let completion: (RunRecord) -> RunRecord
  private let store: any CheckpointStore
  private let buffers: [Buffer]
  private var outcomes: [Outcome] = []
  private var commitCount = 0
  private var isClosed = false
  private var thread: pthread_t?
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Takes `bufferCount` buffers and starts the thread.
  init(
    _ store: any CheckpointStore, bufferCount: Int, byteCount: Int, completion: @escaping (RunRecord) -> RunRecord
  ) throws {
    self.store = store
    self.completion = completion
    var buffers: [Buffer] = []
    for _ in 0..<bufferCount { buffers.append(try Buffer(byteCount: byteCount)) }
    self.buffers = buffers
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
    try startThread()
  }

  deinit {
    close()
    store.end()
    pthread_mutex_destroy(lock)
    pthread_cond_destroy(changed)
    lock.deallocate()
    changed.deallocate()
  }

  /// Whether a state would be taken at once.
  var hasRoom: Bool { locked { buffers.contains { $0.phase == .free } } }

  /// A buffer to fill; nil when all are busy.
  ///
  /// - Parameter replaces: whether what waits to be written may be given up.
  func buffer(replaces: Bool) -> Buffer? {
    locked {
      let found = buffers.first { $0.phase == .free } ?? (replaces ? buffers.first { $0.phase == .waiting } : nil)
      assert(!replaces || buffers.count < 2 || found != nil, "one of two buffers is always free or waiting")
      found?.phase = .filling
      found?.job = nil
      return found
    }
  }

  /// A buffer to fill, for which the caller waits if need be.
  func bufferWaiting() -> Buffer {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while true {
      if let free = buffers.first(where: { $0.phase == .free }) {
        free.phase = .filling
        return free
      }
      pthread_cond_wait(changed, lock)
    }
  }

  /// Hands a filled buffer over.
  func commit(_ buffer: Buffer, _ job: Job) {
    locked {
      buffer.job = job
      buffer.order = commitCount
      buffer.phase = .waiting
      commitCount += 1
      pthread_cond_broadcast(changed)
    }
  }

  /// Waits until everything that was handed over is written, or has failed.
  func drain() {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while buffers.contains(where: { $0.phase == .waiting || $0.phase == .writing }) { pthread_cond_wait(changed, lock) }
  }

  /// What came of the states since the last call.
  func takeOutcomes() -> [Outcome] {
    locked {
      defer { outcomes.removeAll() }
      return outcomes
    }
  }

  /// Writes what waits, and ends the thread.
  func close() {
    guard let thread else { return }
    locked {
      isClosed = true
      pthread_cond_broadcast(changed)
    }
    pthread_join(thread, nil)
    self.thread = nil
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}

// MARK: - The thread

extension CheckpointWriter {
  private func startThread() throws {
    // The thread is joined before the writer is gone, so it needs no reference of its own.
    let context = Unmanaged.passUnretained(self).toOpaque()
    let mask = SignalMask.blockForChildren()
    defer { mask.restore() }
    var handle = pthread_t()
    let failure = pthread_create(
      &handle, nil,
      { context in
        if let context { Unmanaged<CheckpointWriter>.fromOpaque(context).takeUnretainedValue().serve() }
        return nil
      }, context)
    guard failure == 0 else {
      throw TrainingRuntimeError(
        code: .memory,
        message: "the thread that writes checkpoints cannot be started: \(String(cString: strerror(failure)))",
        hint: "raise the limit of processes")
    }
    thread = handle
  }

  private func serve() {
    // A refusal costs the name and nothing else.
    _ = platform_set_thread_name("fascicle-keeper")
    while let (buffer, job) = next() {
      let outcome = keep(job)
      locked {
        outcomes.append(outcome)
        buffer.job = nil
        buffer.phase = .free
        pthread_cond_broadcast(changed)
      }
    }
  }

  /// Waits for a filled buffer; nil when none will come any more.
  private func next() -> (Buffer, Job)? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while true {
      // In the order of the run, so that what is kept last is what the run came to last.
      let waiting = buffers.filter { $0.phase == .waiting }.min { $0.order < $1.order }
      if let buffer = waiting, let job = buffer.job {
        buffer.phase = .writing
        return (buffer, job)
      }
      if isClosed { return nil }
      pthread_cond_wait(changed, lock)
    }
  }

  private func keep(_ job: Job) -> Outcome {
    let start = MonotonicTime.nanoseconds()
    let state = TrainingState(record: completion(job.state.record), tensors: job.state.tensors, owner: nil)
    do {
      let name = try store.keep(state, isBest: job.isBest)
      return .kept(
        CheckpointReport(
          name: name, epochs: state.epochs, steps: state.steps, byteCount: state.byteCount,
          seconds: Double(MonotonicTime.nanoseconds() - start) * 1e-9, isBest: job.isBest))
    } catch {
      return .failed(CheckpointFailure(epochs: state.epochs, steps: state.steps, error: error))
    }
  }
}
