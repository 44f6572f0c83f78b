import WorkerTeam

/// A worker's account of its time, in nanoseconds; a trivial value in the worker's own memory.
struct StepClock {
  /// What a worker can be doing.
  enum Phase: Int {
    case data, forward, backward, gradientAndUpdate, barrier, evaluation
  }

  /// When the last lap ended, or the account was started.
  private(set) var lastLap: UInt64 = 0
  private var data: UInt64 = 0
  private var forward: UInt64 = 0
  private var backward: UInt64 = 0
  private var gradientAndUpdate: UInt64 = 0
  private var barrier: UInt64 = 0
  private var evaluation: UInt64 = 0
  /// Of sampled steps, waits for the last worker to arrive, and how many steps were sampled; worker 0 keeps them for all.
  private var imbalance: UInt64 = 0
  private var sampledSteps = 0

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

  /// Of so many steps one is looked at for imbalance: reading the others' clocks costs a cache miss each.
  static let sampledStep = 16

  /// A barrier of every step; with clipping there is another in between, which is not watched.
  enum Meeting: Int {
    case betweenPhases, afterUpdate
  }

  /// Books how long `workerCount` workers waited, on average, for the last of them.
  mutating func addImbalance(nanoseconds: UInt64, endsStep: Bool) {
    imbalance &+= nanoseconds
    sampledSteps &+= endsStep ? 1 : 0
  }

  /// Nanoseconds of a step that a worker waits for others still computing, on average; 0 where no step was sampled.
  var imbalanceNanosecondsPerStep: Double { sampledSteps == 0 ? 0 : Double(imbalance) / Double(sampledSteps) }

  /// The account in seconds.
  var seconds: PhaseSeconds {
    var seconds = PhaseSeconds()
    seconds.data = Double(data) * 1e-9
    seconds.forward = Double(forward) * 1e-9
    seconds.backward = Double(backward) * 1e-9
    seconds.gradientAndUpdate = Double(gradientAndUpdate) * 1e-9
    seconds.barrier = Double(barrier) * 1e-9
    seconds.evaluation = Double(evaluation) * 1e-9
    return seconds
  }
}
