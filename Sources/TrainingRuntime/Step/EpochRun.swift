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
  let batchSize: Int
  /// Steps of this call of `fit` before this epoch: where the schedule stands.
  let stepsBefore: Int
  /// Steps that the parameters have behind them from earlier calls: where the optimizer's bias corrections stand.
  let earlierSteps: Int
  let stepsPerEpoch: Int
  let totalSteps: Int
  let baseRate: Float
  let schedule: LearningRateSchedule

  /// Loss and hits of the samples so far; worker 0 writes.
  var lossSum = 0.0
  var correctCount = 0
  /// What worker 0 decided before the second barrier of a step: no step follows.
  var endsAfterThisStep = false
  /// The step of this epoch whose loss was not a number, from 0; written by worker 0.
  var divergedStep: Int?

  /// Steps that are complete.
  ///
  /// Relaxed everywhere: a progress display may lag, and totals are published by the broadcast's end.
  let stepsDone = Atomic<Int>(0)
  let lossBits = Atomic<UInt64>(0)
  /// Set by the calling thread to end the epoch after the step at hand.
  ///
  /// Relaxed: only "soon" matters.
  let stopRequested = Atomic<Bool>(false)

  init(
    feed: SampleFeed, order: UnsafeBufferPointer<UInt32>, batchSize: Int, stepsBefore: Int, earlierSteps: Int,
    totalSteps: Int, baseRate: Float, schedule: LearningRateSchedule
  ) {
    self.feed = feed
    self.order = order
    self.batchSize = batchSize
    self.stepsBefore = stepsBefore
    self.earlierSteps = earlierSteps
    self.stepsPerEpoch = (order.count + batchSize - 1) / batchSize
    self.totalSteps = totalSteps
    self.baseRate = baseRate
    self.schedule = schedule
  }

  /// The places in ``order`` of a step's samples; the last step may have fewer.
  func samples(ofStep step: Int) -> Range<Int> {
    step * batchSize..<min((step + 1) * batchSize, order.count)
  }

  func optimizerStep(_ step: Int) -> OptimizerStep {
    let number = stepsBefore + step
    let factor = schedule.factor(step: number, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps)
    return OptimizerStep(number: earlierSteps + number + 1, learningRate: baseRate * factor)
  }

  /// Samples of the steps that are complete.
  var samplesDone: Int { min(stepsDone.load(ordering: .relaxed) * batchSize, order.count) }
}
