import GradientOptimizers
import NeuronKernels
import Synchronization

/// One epoch as the workers see it: which samples in which order, which step numbers and rates, and where totals go.
///
/// - Concurrency: worker 0 writes the totals between the two barriers of a step and everyone reads them after the second;
///   ``stepsDone`` and ``lossBits`` may be read by the calling thread at any time.
final class EpochRun: @unchecked Sendable {
  let feed: SampleFeed
  let order: UnsafeBufferPointer<UInt32>
  /// Samples that go through the network together.
  let batchSize: Int
  /// Minibatches that one step's gradient is formed of.
  let minibatchesPerStep: Int
  /// Steps of this call of `fit` before this epoch: where the schedule stands.
  let stepsBefore: Int
  /// Steps that the parameters have behind them from earlier calls: where the optimizer's bias corrections stand.
  let earlierSteps: Int
  let stepsPerEpoch: Int
  let totalSteps: Int
  let baseRate: Float
  let schedule: LearningRateSchedule
  let seed: UInt64
  /// What the schedule `plateau` makes of the rate in this epoch; 1 with any other.
  let plateauFactor: Float

  /// Number of the epoch, 1 for the first of all.
  let number: Int

  /// Steps that were left out, and their samples; worker 0 writes.
  private(set) var skippedSteps = 0
  private(set) var skippedSamples = 0
  /// The first of them, as reports tell of them; the calling thread writes, between broadcasts.
  var skips: [SkippedStep] = []
  /// How many of the latest steps were left out without one in between that was not; worker 0 writes, and all read it when
  /// a segment begins.
  var skippedInARow = 0
  /// Loss and hits of the samples so far; worker 0 writes.
  var lossSum = 0.0
  var correctCount = 0
  /// What worker 0 decided before the second barrier of a step: no step follows.
  var endsAfterThisStep = false
  /// The step of this epoch whose loss was not a number, from 0; written by worker 0.
  var divergedStep: Int?
  /// The rate of the steps to come in place of the schedule's; written by the calling thread between broadcasts.
  var sweptRate: Float?
  /// The minibatch whose activations the workers have left, from 0 in the epoch; written by worker 0.
  var lastMinibatch = 0

  /// Steps that are complete.
  ///
  /// Relaxed everywhere: a progress display may lag, and totals are published by the broadcast's end.
  let stepsDone = Atomic<Int>(0)
  let lossBits = Atomic<UInt64>(0)
  /// Whether it was the gradient's norm that was not a number, and not the loss.
  ///
  /// Relaxed: read after the broadcast's end, which publishes it.
  let gradientDiverged = Atomic<Bool>(false)
  /// Set by the calling thread to end the epoch after the step at hand.
  ///
  /// Relaxed: only "soon" matters.
  let stopRequested = Atomic<Bool>(false)

  init(
    feed: SampleFeed, order: UnsafeBufferPointer<UInt32>, batchSize: Int, minibatchesPerStep: Int, stepsBefore: Int,
    earlierSteps: Int, totalSteps: Int, baseRate: Float, schedule: LearningRateSchedule, seed: UInt64,
    plateauFactor: Float, number: Int
  ) {
    self.feed = feed
    self.order = order
    self.batchSize = batchSize
    self.minibatchesPerStep = minibatchesPerStep
    self.stepsBefore = stepsBefore
    self.earlierSteps = earlierSteps
    let stepSize = batchSize * minibatchesPerStep
    self.stepsPerEpoch = (order.count + stepSize - 1) / stepSize
    self.totalSteps = totalSteps
    self.baseRate = baseRate
    self.schedule = schedule
    self.seed = seed
    self.plateauFactor = plateauFactor
    self.number = number
  }

  /// The places in ``order`` of a step's samples; the last step may have fewer.
  func samples(ofStep step: Int) -> Range<Int> {
    step * stepSize..<min((step + 1) * stepSize, order.count)
  }

  /// The minibatches of a step, counted from the epoch's first; the last step may have fewer.
  func minibatches(ofStep step: Int) -> Range<Int> {
    step * minibatchesPerStep..<min((step + 1) * minibatchesPerStep, minibatchCount)
  }

  /// The places in ``order`` of a minibatch's samples; empty beyond the epoch's last.
  func samples(ofMinibatch minibatch: Int) -> Range<Int> {
    min(minibatch * batchSize, order.count)..<min((minibatch + 1) * batchSize, order.count)
  }

  /// The places in ``order`` of the samples whose activations a step has left.
  func computedSamples(ofStep step: Int) -> Range<Int> {
    minibatchesPerStep == 1 ? samples(ofStep: step) : samples(ofMinibatch: lastMinibatch)
  }

  /// One over the samples of the step that the sample at a place of ``order`` belongs to: its share of the mean loss.
  func gradientScale(place: Int) -> Float { 1 / Float(samples(ofStep: place / stepSize).count) }

  private var stepSize: Int { batchSize * minibatchesPerStep }
  private var minibatchCount: Int { (order.count + batchSize - 1) / batchSize }

  /// Where the random draws stand for the samples from a place in ``order`` on, all of one step.
  func draws(firstPlace: Int) -> ActivationDraws {
    ActivationDraws(seed: seed, step: earlierSteps + stepsBefore + firstPlace / stepSize, firstSample: firstPlace)
  }

  func optimizerStep(_ step: Int) -> OptimizerStep {
    let number = stepsBefore + step
    if let sweptRate { return OptimizerStep(number: earlierSteps + number + 1, learningRate: sweptRate) }
    let factor = schedule.factor(step: number, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps)
    return OptimizerStep(number: earlierSteps + number + 1, learningRate: baseRate * factor * plateauFactor)
  }

  /// Books a step's loss and hits, and decides whether another step follows; worker 0, between the barriers.
  func record(_ loss: Double, correctCount: Int, step: Int) {
    lossSum += loss
    self.correctCount += correctCount
    lossBits.store(lossSum.bitPattern, ordering: .relaxed)
    stepsDone.store(step + 1, ordering: .relaxed)
    endsAfterThisStep = stopRequested.load(ordering: .relaxed)
  }

  /// Books a step that was left out; worker 0, between the barriers.
  ///
  /// The workers rest after it while there are skips to tell of, so that what it has left can be looked at.
  func recordSkip(sampleCount: Int, step: Int) {
    skippedSteps += 1
    skippedSamples += sampleCount
    stepsDone.store(step + 1, ordering: .relaxed)
    endsAfterThisStep = stopRequested.load(ordering: .relaxed) || skippedSteps <= SkippedStep.limit
  }

  /// How far an average of the weights goes towards them after a step of this epoch.
  func averagingShare(_ averaging: WeightAveraging, step: Int) -> Float {
    averaging.share(
      step: earlierSteps + stepsBefore + step + 1, epoch: number, isLastOfEpoch: step == stepsPerEpoch - 1)
  }

  /// Goes on in the midst of an epoch that another process began.
  func goOn(from epoch: OpenEpoch) {
    lossSum = epoch.lossSum
    correctCount = epoch.correctCount
    skippedSteps = epoch.skippedSteps
    skippedSamples = epoch.skippedSamples
    skippedInARow = epoch.skippedInARow
    skips = epoch.skips
    lossBits.store(lossSum.bitPattern, ordering: .relaxed)
    stepsDone.store(epoch.stepsDone, ordering: .relaxed)
  }

  /// How far the epoch has come, between two steps.
  func openEpoch(seconds: Double) -> OpenEpoch {
    OpenEpoch(
      stepsDone: stepsDone.load(ordering: .relaxed), lossSum: lossSum, correctCount: correctCount,
      skippedSteps: skippedSteps, skippedSamples: skippedSamples, skippedInARow: skippedInARow, skips: skips,
      seconds: seconds)
  }

  /// Lets further steps follow after a pause; the calling thread's, while the workers rest.
  func clearStop() {
    stopRequested.store(false, ordering: .relaxed)
    endsAfterThisStep = false
  }

  /// Adds a minibatch's loss where several workers do so at any time.
  func addLoss(_ loss: Double) {
    // Relaxed: a sum that orders nothing; a failed exchange begins again with what it found.
    var found = lossBits.load(ordering: .relaxed), isDone = false
    while !isDone {
      let sum = Double(bitPattern: found) + loss
      (isDone, found) = lossBits.weakCompareExchange(expected: found, desired: sum.bitPattern, ordering: .relaxed)
    }
  }

  /// Asks for a few lines of the rows at places of the order, beside each block that a worker owns.
  ///
  /// They lie anywhere in the data set, so gather and loss would wait for memory. The update leaves memory's bandwidth unused,
  /// but many requests at once would make its own reads wait.
  func prefetch(_ places: Range<Int>, beside block: Int, of owned: Range<Int>) {
    let source = feed.source, linesPerRow = source.linesPerRow
    let targets = feed.lossTargets(order.baseAddress.unsafelyUnwrapped)
    let lines = places.count * linesPerRow, share = (lines + owned.count - 1) / owned.count
    let first = (block - owned.lowerBound) * share
    guard first < lines else { return }
    var (place, line) = first.quotientAndRemainder(dividingBy: linesPerRow), left = min(share, lines - first)
    while left > 0 {
      let row = order[places.lowerBound + place], end = min(line + left, linesPerRow)
      source.prefetch(lines: line..<end, ofRow: row)
      if line == 0 { targets.prefetch(row: row) }
      left -= end - line
      (place, line) = (place + 1, 0)
    }
  }

  /// Samples of the steps that are complete.
  var samplesDone: Int { min(stepsDone.load(ordering: .relaxed) * stepSize, order.count) }
}
