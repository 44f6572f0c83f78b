import NeuronKernels
import TrainingData
import WorkerTeam

/// Decides for one call of `fit` when its state is kept, copies it, and accounts for the time.
///
/// - Concurrency: for the thread that called `fit`, between steps.
final class CheckpointKeeper {
  let rule: CheckpointRule
  private let writer: CheckpointWriter
  private let regions: [Region]
  private(set) var account = CheckpointAccount()
  /// Whether a state is due whatever the rule says.
  private var isRequested = false
  private var nextStep: Int
  private var keptTime = MonotonicTime.nanoseconds()
  /// Steps of the run that the latest state has behind it; nil before any.
  private(set) var keptSteps: Int?
  /// Memory that a region lies in.
  var scaling: TransformCopy?
  /// The best figure of an epoch so far.
  var bestFigure: Double?

  /// A region of a state.
  struct Region {
    let region: StateRegion
    /// Whether it holds anything yet.
    var isPresent: () -> Bool = { true }
  }

  /// - Parameters:
  ///   - regions: all that a state may have.
  ///   - stepsDone: steps of the run that it has behind it.
  init(_ checkpoints: Checkpoints, regions: [Region], stepsDone: Int, samples: RunSamples) throws {
    rule = checkpoints.rule
    self.regions = regions
    nextStep = Self.next(after: stepsDone, every: rule.everySteps)
    keptSteps = stepsDone > 0 ? stepsDone : nil
    try checkpoints.store.begin()
    do {
      writer = try CheckpointWriter(
        checkpoints.store, bufferCount: Self.bufferCount(rule),
        byteCount: StateCopy.byteCount(of: regions.map(\.region))
      ) { record in samples.fill(record) }
    } catch {
      checkpoints.store.end()
      throw error
    }
  }

  /// One buffer that is written, and another where a best epoch must not be passed over.
  static func bufferCount(_ rule: CheckpointRule) -> Int { rule.keepsBest ? 2 : 1 }

  private static func next(after step: Int, every span: Int?) -> Int {
    guard let span else { return .max }
    return (step / span + 1) * span
  }
}

// MARK: - When

extension CheckpointKeeper {
  /// Has a state kept as soon as there is room.
  func request() { isRequested = true }

  /// Forgets the states of steps that were rolled back: those steps come again, and are others.
  func rollBack(to step: Int) {
    keptSteps = nil
    nextStep = Self.next(after: step, every: rule.everySteps)
  }

  /// Steps from `step` until the rule asks for a state; `.max` where it asks for none, or has asked already.
  func stepsUntilDue(from step: Int) -> Int { step < nextStep && nextStep < .max ? nextStep - step : .max }

  /// Whether a state is due after `steps` steps, in the midst of an epoch.
  func isDue(steps: Int) -> Bool { steps != keptSteps && (isRequested || steps >= nextStep || isTime) }

  /// Whether workers should be stopped for a state that is due; `steps` is how many are done at least.
  func wantsPause(steps: Int) -> Bool { (isRequested || steps >= nextStep || isTime) && writer.hasRoom }

  /// Whether a state is due at the end of an epoch.
  func isDue(epochs: Int, steps: Int) -> Bool {
    rule.everyEpochs.map { epochs % $0 == 0 } == true || isDue(steps: steps)
  }

  private var isTime: Bool {
    guard let minutes = rule.everyMinutes else { return false }
    return Double(MonotonicTime.nanoseconds() - keptTime) * 1e-9 >= minutes * 60
  }

  /// Whether an epoch's figure is the best so far; notes it.
  func noteBest(_ value: Double, isAccuracy: Bool) -> Bool {
    guard rule.keepsBest, !value.isNaN else { return false }
    if let bestFigure, isAccuracy ? value <= bestFigure : value >= bestFigure { return false }
    bestFigure = value
    return true
  }
}

// MARK: - Keeping

extension CheckpointKeeper {
  /// Copies a state that is due, unless the disk is too slow for it; allocates no memory for tensors.
  func keep(_ record: @autoclosure () -> RunRecord, steps: Int, isBest: Bool) {
    let start = MonotonicTime.nanoseconds()
    guard let buffer = writer.buffer(replaces: isBest) else { return }
    fill(buffer, record(), steps: steps, isBest: isBest)
    account.copySeconds += Self.seconds(since: start)
    account.waitedSeconds += Self.seconds(since: start)
  }

  /// Keeps a state after which nothing more comes, and waits until it is written.
  func keepLast(_ record: @autoclosure () -> RunRecord, steps: Int) {
    let start = MonotonicTime.nanoseconds()
    fill(writer.bufferWaiting(), record(), steps: steps, isBest: false)
    writer.drain()
    account.waitedSeconds += Self.seconds(since: start)
  }

  /// Whether the state after so many steps is kept; call it when nothing is being written.
  func hasKept(steps: Int) -> Bool { keptSteps == steps && account.latestFailure == nil }

  /// Waits for what is being written.
  func drain() {
    let start = MonotonicTime.nanoseconds()
    writer.drain()
    account.waitedSeconds += Self.seconds(since: start)
  }

  /// Ends the thread that writes.
  func close() { writer.close() }

  /// What came of the states since the last call.
  func takeOutcomes() -> [CheckpointWriter.Outcome] {
    let outcomes = writer.takeOutcomes()
    for outcome in outcomes {
      switch outcome {
      case .kept(let report):
        account.count += 1
        account.latest = report
        account.latestFailure = nil
        account.writingSeconds += report.seconds
      case .failed(let failure):
        account.failureCount += 1
        account.latestFailure = failure
      }
    }
    return outcomes
  }

  private func fill(_ buffer: CheckpointWriter.Buffer, _ record: RunRecord, steps: Int, isBest: Bool) {
    var place = buffer.bytes.baseAddress, tensors: [TrainingState.Tensor] = []
    for region in regions where region.isPresent() {
      let region = region.region
      place.copyMemory(from: region.address, byteCount: region.byteCount)
      tensors.append(
        .init(
          name: region.name, elementType: region.elementType,
          bytes: UnsafeRawBufferPointer(start: place, count: region.byteCount)))
      place += region.copyByteCount
    }
    writer.commit(
      buffer, .init(state: TrainingState(record: record, tensors: tensors, owner: nil), isBest: isBest))
    isRequested = false
    keptSteps = steps
    keptTime = MonotonicTime.nanoseconds()
    nextStep = Self.next(after: steps, every: rule.everySteps)
  }

  private static func seconds(since start: UInt64) -> Double {
    Double(MonotonicTime.nanoseconds() - start) * 1e-9
  }
}

// MARK: - What a run reads

/// The samples of a run, whose digests take a while and so are made when they are first needed.
///
/// - Concurrency: for one thread at a time; the writer's alone once a run has begun.
final class RunSamples {
  private let training: DataSubset
  private let validation: DataSubset?
  private var known: (training: DataFingerprint, validation: DataFingerprint?)?

  init(training: DataSubset, validation: DataSubset?) {
    self.training = training
    self.validation = validation
  }

  var fingerprints: (training: DataFingerprint, validation: DataFingerprint?) {
    if let known { return known }
    let made = (training: DataFingerprint(training), validation: validation.map { DataFingerprint($0) })
    known = made
    return made
  }

  /// A record with the digests of the data.
  func fill(_ record: RunRecord) -> RunRecord {
    var record = record
    (record.training, record.validation) = fingerprints
    return record
  }
}
