import Glibc

/// Says why a team could not be made, or why it refused or could not complete a broadcast.
public struct WorkerTeamError: Error, Sendable, CustomStringConvertible {
  /// The kinds of trouble, for programs that react to them.
  public enum Code: Sendable, Hashable {
    /// A team of no workers was asked for.
    case noWorkers
    /// The system refused to create a thread; those already created have ended again.
    case threadCreation
    /// `activeWorkers` is not between one and the number of workers.
    case activeWorkersOutOfRange
    /// Another broadcast is running on this team.
    case busy
    /// A worker tried to broadcast to the team that it is part of.
    case calledFromWorker
    /// The team has been shut down.
    case shutDown
    /// A worker waited at a barrier that another one, having finished without an error, will never reach.
    case barrierMismatch
  }

  /// The kind of trouble.
  public let code: Code
  /// What happened, in a sentence.
  public let message: String
  /// What may help, in a sentence, where there is something to say.
  public let hint: String?

  /// The message and, where there is one, the hint.
  public var description: String {
    hint.map { "\(message) \($0)" } ?? message
  }
}

// MARK: - The sentences

extension WorkerTeamError {
  static func noWorkers() -> WorkerTeamError {
    WorkerTeamError(
      code: .noWorkers, message: "A worker team needs at least one worker, but the list of processors is empty.",
      hint: "Give one entry per worker; nil stands for a worker that is not pinned.")
  }

  static func threadCreation(index: Int, count: Int, errorNumber: Int32, stackByteCount: Int) -> WorkerTeamError {
    WorkerTeamError(
      code: .threadCreation,
      message: "Could not create worker thread \(index + 1) of \(count) with a stack of \(stackByteCount) bytes: "
        + "\(String(cString: strerror(errorNumber))).",
      hint: "Ask for fewer workers, or raise the limit on threads (ulimit -u, pids.max) or memory (ulimit -v).")
  }

  static func activeWorkersOutOfRange(_ active: Int, workerCount: Int) -> WorkerTeamError {
    WorkerTeamError(
      code: .activeWorkersOutOfRange,
      message: "A broadcast to \(active) workers was asked of a team of \(workerCount); "
        + "expected a number from 1 to \(workerCount).",
      hint: nil)
  }

  static func busy() -> WorkerTeamError {
    WorkerTeamError(
      code: .busy, message: "Another broadcast is running on this worker team, which runs one at a time.",
      hint: "Wait until it has returned, or give each calling thread a team of its own.")
  }

  static func calledFromWorker() -> WorkerTeamError {
    WorkerTeamError(
      code: .calledFromWorker,
      message: "A worker tried to broadcast to its own team, which would wait for that very worker.",
      hint: "Do the inner work in the body itself; all workers are in it already.")
  }

  static func shutDown() -> WorkerTeamError {
    WorkerTeamError(
      code: .shutDown, message: "This worker team has been shut down, so it can't run a broadcast.",
      hint: "Make a new team.")
  }

  static func barrierMismatch(waiting: Int) -> WorkerTeamError {
    WorkerTeamError(
      code: .barrierMismatch,
      message: "Worker \(waiting) waited at a barrier that another worker had finished without reaching.",
      hint: "Every active worker must pass the same number of barriers, or throw an error.")
  }
}

/// Thrown by ``WorkerContext/barrier()`` when another worker of the broadcast has left, so that nobody hangs.
///
/// A body lets it pass. The broadcast then throws what the worker that failed threw, not this.
public struct TeamAbandoned: Error, Sendable, CustomStringConvertible {
  init() {}

  /// One sentence that says what happened.
  public var description: String {
    "Another worker of the team failed or finished early, so this barrier can't be completed."
  }
}
