/// Chooses, while training runs, between all of a plan's workers and one.
///
/// The number of workers changes no bit of the result, so the steps themselves can be the trial: a few with all workers, a
/// few with one, twice, and the faster goes on. Other programs may take a core at any time, and a step waits for its
/// slowest worker; so the trial is repeated, ever more rarely while its verdict stands, and at once when the pace drops.
package struct WorkerPace: Sendable {
  /// A run of steps with one number of workers.
  package struct Segment: Sendable, Hashable {
    package let workerCount: Int
    package let stepCount: Int
    fileprivate let isTrial: Bool
    fileprivate var isCold = false
  }

  /// What one number of workers has shown.
  package struct Record: Sendable, Hashable {
    /// Seconds of a step in the latest segment.
    package var latest = Double.infinity
    /// Seconds of a step in the best segment.
    package var best = Double.infinity
    /// Steps done.
    package var stepCount = 0
  }

  /// Seconds of steps that a trial segment takes, about.
  static let trialSeconds = 3e-3
  /// Seconds of steps between looks at the pace, at most.
  static let segmentSeconds = 0.1
  /// Seconds until the first trial is repeated, and the longest pause between trials.
  static let firstPause = 0.5, longestPause = 16.0
  /// A step this long is worth any number of workers, and trials of it would cost too much.
  static let longestTrialStep = 0.05
  /// How much slower than its best a pace must be to be doubted, and the pause that then suffices.
  static let doubt = 1.5, doubtPause = 0.06
  /// How much faster all workers must be than one: a near tie goes to one, which nobody can hold up.
  static let worthwhile = 0.97

  private let workerCount: Int
  private let isFixed: Bool
  private let expectedStepSeconds: Double
  private var all = Record(), one = Record()
  private var chosen: Int
  private var trialsLeft: Int
  private var pause = firstPause
  private var secondsSinceTrial = 0.0

  /// A pace for `workerCount` workers; `isFixed` never tries another number.
  package init(workerCount: Int, isFixed: Bool, expectedStepSeconds: Double) {
    self.workerCount = workerCount
    self.isFixed = isFixed || workerCount == 1 || expectedStepSeconds > Self.longestTrialStep
    self.expectedStepSeconds = max(expectedStepSeconds, 1e-7)
    chosen = workerCount
    trialsLeft = self.isFixed ? 0 : 4
  }

  /// The numbers of workers that have run, with what they showed.
  package var records: [(workerCount: Int, record: Record)] {
    [(workerCount, all), (1, one)].filter { $0.record.stepCount > 0 }
  }

  /// The same pace for another call of `fit` of the same steps: it knows what the last has shown, and counts from zero.
  package var begunAgain: WorkerPace {
    var pace = self
    pace.all.stepCount = 0
    pace.one.stepCount = 0
    return pace
  }

  /// The first step of a call of `fit`, by itself: memory and caches are cold, so it says nothing of the pace.
  package var firstStep: Segment {
    Segment(workerCount: next(stepsLeft: 1).workerCount, stepCount: 1, isTrial: false, isCold: true)
  }

  /// What to run next when `stepsLeft` steps remain.
  package func next(stepsLeft: Int) -> Segment {
    if isFixed { return Segment(workerCount: workerCount, stepCount: stepsLeft, isTrial: false) }
    if trialsLeft > 0 {
      let count = trialsLeft % 2 == 0 ? workerCount : 1
      return Segment(
        workerCount: count, stepCount: steps(in: Self.trialSeconds, at: expectedStepSeconds, atMost: stepsLeft),
        isTrial: true)
    }
    return Segment(
      workerCount: chosen, stepCount: steps(in: Self.segmentSeconds, at: record(chosen).latest, atMost: stepsLeft),
      isTrial: false)
  }

  /// Learns what a segment took.
  package mutating func record(_ segment: Segment, stepsDone: Int, seconds: Double) {
    guard stepsDone > 0 else { return }
    let stepSeconds = seconds / Double(stepsDone)
    update(segment.workerCount) { record in
      record.stepCount += stepsDone
      record.latest = segment.isCold ? min(record.latest, stepSeconds) : stepSeconds
      if !segment.isCold { record.best = min(record.best, stepSeconds) }
    }
    if isFixed || segment.isCold { return }
    if segment.isTrial { return countTrial() }
    secondsSinceTrial += seconds
    let isSlow = record(chosen).latest > Self.doubt * record(chosen).best
    if secondsSinceTrial >= (isSlow ? Self.doubtPause : pause) { beginTrial() }
  }

  private mutating func beginTrial() {
    trialsLeft = 2
    secondsSinceTrial = 0
    // A record of better days says nothing of today.
    all.best = .infinity
    one.best = .infinity
  }

  private mutating func countTrial() {
    trialsLeft -= 1
    guard trialsLeft == 0 else { return }
    let winner = all.best < Self.worthwhile * one.best ? workerCount : 1
    pause = winner == chosen ? min(2 * pause, Self.longestPause) : Self.firstPause
    chosen = winner
  }

  private func record(_ count: Int) -> Record { count == workerCount ? all : one }

  private mutating func update(_ count: Int, _ change: (inout Record) -> Void) {
    if count == workerCount { change(&all) } else { change(&one) }
  }

  private func steps(in seconds: Double, at stepSeconds: Double, atMost most: Int) -> Int {
    max(1, min(most, Int(min(1e9, (seconds / stepSeconds).rounded(.up)))))
  }
}
