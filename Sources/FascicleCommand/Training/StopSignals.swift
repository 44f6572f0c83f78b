import Glibc
import Synchronization

/// Takes SIGINT, SIGTERM and SIGHUP off the process, so that a run can end between two steps.
///
/// They are blocked in every thread and waited for by one of their own, so nothing runs inside a signal handler. The
/// first asks the run to stop. After it everything is as without us: the second ends the process at once. Until a run begins
/// there is nothing to keep, and the first ends the process. A SIGHUP that `nohup` has the process ignore stays ignored. Where states are kept, so are SIGUSR1, which asks for one, and
/// SIGUSR2, which stops the run like the others.
final class StopSignals: Sendable {
  /// A signal that stops a run.
  enum Signal: Int32 {
    case hangUp = 1
    case interrupt = 2
    case terminate = 15
    case checkpointAndStop = 12

    /// Its name, as `kill -l` gives it.
    var name: String {
      switch self {
      case .hangUp: "SIGHUP"
      case .interrupt: "SIGINT"
      case .terminate: "SIGTERM"
      case .checkpointAndStop: "SIGUSR2"
      }
    }

    /// The status of a process that it stopped, as shells see it.
    var status: ProcessStatus {
      switch self {
      case .hangUp: .hungUp
      case .interrupt: .interrupted
      case .terminate: .terminated
      case .checkpointAndStop: .stoppedWithCheckpoint
      }
    }
  }

  private let firstSignal = Atomic<Int32>(0)
  private let checkpointRequests = Atomic<Int>(0)
  private let keepsState: Bool
  /// The signals that end the process when they come a second time.
  private let stops: [Int32]
  /// Whether there is a run to finish.
  private let isRunning = Atomic<Bool>(false)

  private init(keepsState: Bool) {
    self.keepsState = keepsState
    stops = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Ends the set-up: from now on a signal waits for the run's next step. A signal that came before has ended the process.
  // Relaxed: a signal at this very moment may go either way.
  func beginRun() { isRunning.store(true, ordering: .relaxed) }

  /// The first signal that came; nil while none has.
  // Relaxed: the number is all there is to learn.
  var received: Signal? { Signal(rawValue: firstSignal.load(ordering: .relaxed)) }

  /// How often SIGUSR1 came.
  // Relaxed: the number is all there is to learn.
  var checkpointRequestCount: Int { checkpointRequests.load(ordering: .relaxed) }

  /// Begins to listen; call it before any other thread is made, for they inherit what is blocked.
  ///
  /// - Parameter keepsState: whether SIGUSR1 and SIGUSR2 are listened to as well; else they have their usual effect.
  static func listen(keepsState: Bool) -> StopSignals {
    let signals = StopSignals(keepsState: keepsState)
    var mask = signals.mask
    pthread_sigmask(SIG_BLOCK, &mask, nil)
    var thread = pthread_t()
    // Without a thread to wait for them, signals must keep their usual effect.
    let result = pthread_create(&thread, nil, Self.waitOnThread, Unmanaged.passRetained(signals).toOpaque())
    if result == 0 { pthread_detach(thread) } else { pthread_sigmask(SIG_UNBLOCK, &mask, nil) }
    return signals
  }

  private var mask: sigset_t {
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in stops + (keepsState ? [SIGUSR1, SIGUSR2] : []) { sigaddset(&mask, number) }
    return mask
  }

  private static let waitOnThread: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    Unmanaged<StopSignals>.fromOpaque(context!).takeUnretainedValue().wait()
    return nil
  }

  private func wait() {
    var mask = mask
    while true {
      var number: Int32 = 0
      while sigwait(&mask, &number) != 0 {}
      if number != SIGUSR1 {
        if !isRunning.load(ordering: .relaxed) { _exit(Signal(rawValue: number)?.status.rawValue ?? 1) }
        firstSignal.store(number, ordering: .relaxed)
        break
      }
      checkpointRequests.wrappingAdd(1, ordering: .relaxed)
    }
    // This thread alone takes these signals from here on, with the effect that they have by default; those that ask for a
    // state ask for nothing more, since one is being kept.
    var stops = sigset_t()
    sigemptyset(&stops)
    for number in self.stops {
      signal(number, SIG_DFL)
      sigaddset(&stops, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &stops, nil)
    while true { pause() }
  }
}

/// Ends the command after a run that a signal stopped, when all is said.
struct StoppedBySignal: Error {
  let signal: StopSignals.Signal
}
