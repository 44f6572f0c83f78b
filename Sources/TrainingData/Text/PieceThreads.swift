import Glibc

/// Threads that live as long as a few pieces of work, which take milliseconds each.
enum PieceThreads {
  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Calls `body` with 0 ..< `count`, each on a thread of its own, the first on the caller's; returns when all have ended.
  ///
  /// A thread that the system refuses is done without: the caller does its work.
  static func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var threads: [pthread_t] = [], rest: [Int] = []
      let previous = blockSignals()
      for index in stride(from: 1, to: count, by: 1) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work { body(index) })
        let status = pthread_create(
          &thread, nil,
          { pointer in
            if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
          }, work.toOpaque())
        if status == 0 {
          threads.append(thread)
        } else {
          work.release()
          rest.append(index)
        }
      }
      restoreSignals(previous)
      if count > 0 { body(0) }
      for index in rest { body(index) }
      for thread in threads { pthread_join(thread, nil) }
    }
  }

  /// Signals are for the host's threads; those of a fault stay open, for a crash must be heard of.
  private static func blockSignals() -> sigset_t {
    var mask = sigset_t(), previous = sigset_t()
    sigfillset(&mask)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT] { sigdelset(&mask, fault) }
    pthread_sigmask(SIG_SETMASK, &mask, &previous)
    return previous
  }

  private static func restoreSignals(_ previous: sigset_t) {
    var mask = previous
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }
}
