import WorkerTeam

/// A worker's account of its time, in nanoseconds; a trivial value in the worker's own memory.
struct StepClock {
  /// What a worker can be doing.
  enum Phase: Int {
    case data, forward, backward, gradientAndUpdate, barrier, evaluation
  }

  private var lastLap: UInt64 = 0
  private var data: UInt64 = 0
  private var forward: UInt64 = 0
  private var backward: UInt64 = 0
  private var gradientAndUpdate: UInt64 = 0
  private var barrier: UInt64 = 0
  private var evaluation: UInt64 = 0

  /// Starts the account; what came before does not count.
  mutating func start() { lastLap = MonotonicTime.nanoseconds() }

  /// Books the time since the last lap to `phase`.
  mutating func lap(_ phase: Phase) {
    let now = MonotonicTime.nanoseconds()
    let taken = now &- lastLap
    lastLap = now
    switch phase {
    case .data: data &+= taken
    case .forward: forward &+= taken
    case .backward: backward &+= taken
    case .gradientAndUpdate: gradientAndUpdate &+= taken
    case .barrier: barrier &+= taken
    case .evaluation: evaluation &+= taken
    }
  }

  /// The account in seconds, each phase divided by `workerCount`.
  func seconds(dividedBy workerCount: Int) -> PhaseSeconds {
    let unit = 1e-9 / Double(workerCount)
    var seconds = PhaseSeconds()
    seconds.data = Double(data) * unit
    seconds.forward = Double(forward) * unit
    seconds.backward = Double(backward) * unit
    seconds.gradientAndUpdate = Double(gradientAndUpdate) * unit
    seconds.barrier = Double(barrier) * unit
    seconds.evaluation = Double(evaluation) * unit
    return seconds
  }
}
