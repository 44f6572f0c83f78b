import Glibc

/// The signal mask of the calling thread, set aside while it creates threads, which inherit what they find.
package struct SignalMask {
  private let previous: sigset_t

  /// Blocks every signal that a worker should not receive; call ``restore()`` on the same thread soon after.
  ///
  /// Blocking in the creator leaves no moment in which a new worker could be picked for a host's signal. Signals that
  /// a thread's own fault raises stay open: the kernel kills the process at once where they are blocked, and a host's
  /// crash reporter would never hear of it.
  package static func blockForChildren() -> SignalMask {
    var mask = sigset_t()
    sigfillset(&mask)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT] { sigdelset(&mask, fault) }
    var previous = sigset_t()
    pthread_sigmask(SIG_SETMASK, &mask, &previous)
    return SignalMask(previous: previous)
  }

  /// Puts the mask back as it was.
  package func restore() {
    var mask = previous
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }
}
