import GradientOptimizers
import NeuronKernels
import WorkerTeam

/// One worker's part of training without waiting: whole minibatches of its own, and updates of the shared parameters.
///
/// Each update reads weights, and optimizer state, that others may be writing: a gradient can be of weights between two
/// updates, and of two writes to one parameter at the same time one is lost. The optimizer's state is shared as well, so
/// that every gradient enters it once, and a later call of `fit` finds one state, whatever its reduction.
///
/// What this relies on: only the C kernels of `CNeuronKernels` touch parameters and state while workers run, through
/// aligned loads and stores of whole vectors, each kernel compiled by itself. C leaves such races undefined; the
/// processors do not: an aligned single is read and written whole on x86-64 and arm64, so each value read is one that
/// somebody wrote. ThreadSanitizer reports the races, rightly.
struct HogwildWorker {
  private let engine: StepEngine
  private let state: HogwildState
  private let epoch: EpochRun
  private let worker: WorkerContext
  private let clock: UnsafeMutablePointer<StepClock>
  private let lane: GradientLane
  private let tally: StalenessTally
  private let scratch: UnsafeMutablePointer<Float>

  init(engine: StepEngine, state: HogwildState, epoch: EpochRun, worker: WorkerContext) {
    self.engine = engine
    self.state = state
    self.epoch = epoch
    self.worker = worker
    clock = engine.memory.clock(worker: worker.index)
    lane = state.memory.lanes[worker.index]
    tally = state.tally(worker: worker.index)
    scratch = engine.memory.scratchGradient(worker: worker.index)
  }

  /// Takes steps until none is left, a request to stop, or anybody's loss that is not a number.
  func run() { run(optimizer: engine.optimizer) }

  private func run(optimizer: some GradientOptimizer) {
    clock.pointee.start()
    while let step = state.claimStep(of: epoch) {
      let samples = epoch.samples(ofStep: step)
      // Relaxed: a count, which orders nothing.
      let updatesSeen = epoch.stepsDone.load(ordering: .relaxed)
      let whole = LaneShard(
        lane: lane, share: SampleShare(0, of: 1, sampleCount: samples.count), firstPlace: samples.lowerBound)
      pass(whole, sampleCount: samples.count)
      var loss = 0.0
      lane.addLosses(sampleCount: samples.count, to: &loss)
      guard loss.isFinite else { return state.diverge(worker: worker.index, step: step) }
      guard updateAllParameters(optimizer, step: step, sampleCount: samples.count) else {
        epoch.gradientDiverged.store(true, ordering: .relaxed)
        return state.diverge(worker: worker.index, step: step)
      }
      engine.moveRunningStatistics(of: lane.network, sampleCount: samples.count, worker: 0, of: 1)
      let updatesBefore = state.book(loss, correctCount: lane.correctCount(sampleCount: samples.count), in: epoch)
      tally.note(updatesBefore - updatesSeen)
    }
  }

  /// The whole minibatch is this worker's, so it has nobody to meet.
  private func pass(_ whole: LaneShard, sampleCount: Int) {
    guard engine.meetsWithinPasses else { return engine.pass(whole, of: epoch, clock: clock) }
    let network = lane.network
    engine.passMeeting(
      of: epoch, clock: clock, each: { engine.forEachPart(of: whole, in: epoch, $0) },
      formMoments: {
        network.formMoments(
          ofStage: $0, units: engine.units(ofStage: $0, worker: 0, of: 1), sampleCount: sampleCount,
          kernels: engine.kernels)
      },
      formGradientSums: {
        network.formGradientSums(
          ofStage: $0, units: engine.units(ofStage: $0, worker: 0, of: 1), sampleCount: sampleCount,
          kernels: engine.kernels)
      }, meet: {})
  }

  /// False, with nothing updated, when the gradient's norm is asked for and is not a finite number.
  private func updateAllParameters(_ optimizer: some GradientOptimizer, step: Int, sampleCount: Int) -> Bool {
    let step = epoch.optimizerStep(step)
    let coefficients = optimizer.coefficients(for: step)
    var scale: Float?
    if let gradients = lane.gradients {
      scale = clippedScale(gradients, sampleCount: sampleCount)
      guard scale != nil else { return false }
    }
    for index in engine.blocks.indices {
      let block = engine.blocks[index]
      let gradient = lane.gradients.map { $0 + block.offset } ?? scratch
      if scale == nil {
        engine.formGradient(
          of: block, over: lane.network, sampleCount: sampleCount, into: gradient,
          updateReads: engine.updateReads(of: block))
        engine.addPenalty(of: block, to: gradient)
      }
      engine.update(
        block, by: optimizer, gradient: gradient, scale: scale ?? 1, step: step, coefficients: coefficients,
        averagingShare: 0)
    }
    engine.constrainRows(worker: 0, of: 1)
    clock.pointee.lap(.gradientAndUpdate)
    return true
  }

  /// Forms the minibatch's whole gradient, and returns the factor that brings it to its limit; nil when its norm is not a
  /// finite number.
  private func clippedScale(_ gradients: UnsafeMutablePointer<Float>, sampleCount: Int) -> Float? {
    var sum = 0.0
    for index in engine.blocks.indices {
      let block = engine.blocks[index]
      engine.formGradient(
        of: block, over: lane.network, sampleCount: sampleCount, into: gradients + block.offset)
      engine.addPenalty(of: block, to: gradients + block.offset)
      sum += engine.kernels.sumOfSquares(gradients + block.offset, count: block.count)
    }
    return sum.isFinite ? engine.clipping.scale(norm: sum.squareRoot()) : nil
  }
}
