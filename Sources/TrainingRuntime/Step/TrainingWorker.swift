import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// One worker's part of training steps: two phases and two barriers a step, a third where clipping needs the whole norm.
///
///     phase A   own samples: gather → forward → loss → backward (``SamplePass``)
///     barrier   every panel's activations and output gradients are written
///     phase B   own parameters: gradient over the whole minibatch → optimizer
///     barrier   every parameter is updated
///
/// Each parameter has one writer and each sum one order, so the number of workers changes no bit.
struct TrainingWorker {
  let engine: StepEngine
  let epoch: EpochRun
  let worker: WorkerContext
  let clock: UnsafeMutablePointer<StepClock>
  private let samplePass: SamplePass
  private let network: BoundNetwork
  private let slots: LossSlots
  private let scratch: UnsafeMutablePointer<Float>
  private let owned: Range<Int>

  init(engine: StepEngine, epoch: EpochRun, worker: WorkerContext) {
    self.engine = engine
    self.epoch = epoch
    self.worker = worker
    clock = engine.memory.clock(worker: worker.index)
    samplePass = SamplePass(engine: engine, epoch: epoch, worker: worker)
    network = engine.network
    slots = engine.memory.lossSlots
    scratch = engine.memory.scratchGradient(worker: worker.index)
    owned = engine.ownedBlocks(worker: worker.index, of: worker.workerCount)
  }

  /// Runs steps of the epoch until a request to stop, or a loss that is not a number.
  func run(steps: Range<Int>) throws { try run(steps: steps, optimizer: engine.optimizer) }

  /// The optimizer's existential is opened here, once a run of steps, and not at every block.
  private func run(steps: Range<Int>, optimizer: some GradientOptimizer) throws {
    clock.pointee.start()
    for step in steps {
      let samples = epoch.samples(ofStep: step)
      try samplePass.run(samples)
      try wait(.betweenPhases, step: step)
      // Every worker adds the same slots in the same order, so all decide alike without asking.
      let loss = lossSum(slotCount: PanelLayout.halfPanelCount(samples.count))
      guard loss.isFinite else {
        if worker.index == 0 { epoch.divergedStep = step }
        return
      }
      try updateOwnedParameters(
        optimizer, step: epoch.optimizerStep(step), sampleCount: samples.count,
        next: samplePass.places(ofStep: step + 1))
      if worker.index == 0 { record(loss, samples: samples, step: step) }
      try wait(.afterUpdate, step: step)
      if epoch.endsAfterThisStep { return }
    }
  }

  /// Meets the others at one of the two barriers that every step has.
  private func wait(_ meeting: StepClock.Meeting, step: Int) throws {
    clock.pointee.arrive(at: meeting)
    try wait()
    if worker.index == 0, worker.workerCount > 1, step % StepClock.sampledStep == 0 { bookImbalance(meeting) }
  }

  /// Compares all workers' arrivals: nobody arrives at this barrier again before worker 0 has been to the next one.
  private func bookImbalance(_ meeting: StepClock.Meeting) {
    var last: UInt64 = 0, sum: UInt64 = 0
    for index in 0..<worker.workerCount {
      let arrival = engine.memory.clock(worker: index).pointee.arrival(at: meeting)
      last = max(last, arrival)
      sum &+= arrival
    }
    let waits = last &* UInt64(worker.workerCount) &- sum
    clock.pointee.addImbalance(
      nanoseconds: waits / UInt64(worker.workerCount), endsStep: meeting == .afterUpdate)
  }

  private func wait() throws {
    try worker.barrier()
    clock.pointee.lap(.barrier)
  }

  private func lossSum(slotCount: Int) -> Double {
    var sum = 0.0
    for slot in 0..<slotCount { sum += slots.lossSums[slot] }
    return sum
  }
}

// MARK: - Phase B

extension TrainingWorker {
  private func updateOwnedParameters(
    _ optimizer: some GradientOptimizer, step: OptimizerStep, sampleCount: Int, next: Range<Int>
  ) throws {
    let coefficients = optimizer.coefficients(for: step)
    guard let gradients = engine.memory.gradients else {
      for index in owned {
        let block = engine.blocks[index]
        prefetchState(of: block)
        computeGradient(of: block, sampleCount: sampleCount, into: scratch)
        optimizer.update(slice(of: block, gradient: scratch, scale: 1, step: step, coefficients: coefficients))
        prefetch(next, beside: index)
      }
      clock.pointee.lap(.gradientAndUpdate)
      return
    }
    let scale = try clippedScale(gradients, sampleCount: sampleCount)
    for index in owned {
      let block = engine.blocks[index]
      optimizer.update(
        slice(of: block, gradient: gradients + block.offset, scale: scale, step: step, coefficients: coefficients))
      prefetch(next, beside: index)
    }
    clock.pointee.lap(.gradientAndUpdate)
  }

  /// Forms all owned gradients, meets the others, and returns the factor that brings the whole gradient to its limit.
  private func clippedScale(_ gradients: UnsafeMutablePointer<Float>, sampleCount: Int) throws -> Float {
    let squares = engine.memory.squareSums
    for index in owned {
      let block = engine.blocks[index]
      computeGradient(of: block, sampleCount: sampleCount, into: gradients + block.offset)
      squares[index] = engine.kernels.sumOfSquares(gradients + block.offset, count: block.count)
    }
    clock.pointee.lap(.gradientAndUpdate)
    try wait()
    var sum = 0.0
    for index in engine.blocks.indices { sum += squares[index] }
    return engine.clipping.scale(norm: sum.squareRoot())
  }

  /// Asks for the next step's rows, a few beside each of the last owned blocks.
  ///
  /// They lie anywhere in the data set, so the gather would wait for memory; the update leaves its bandwidth unused.
  private func prefetch(_ next: Range<Int>, beside block: Int) {
    let rowsPerBlock = (next.count + owned.count - 1) / owned.count
    let first = next.upperBound - (owned.upperBound - block) * rowsPerBlock
    for place in max(first, next.lowerBound)..<max(first + rowsPerBlock, next.lowerBound) {
      epoch.feed.source.prefetch(row: epoch.order[place])
    }
  }

  /// Asks for what the update of a block will read while its gradient is being formed: beyond the caches, the optimizer's
  /// state would otherwise be waited for.
  private func prefetchState(of block: ParameterBlock) {
    NeuronKernels.prefetch(engine.parameters + block.offset, count: block.count)
    guard let state = engine.optimizerState else { return }
    for slot in 0..<engine.stateSlotCount {
      NeuronKernels.prefetch(state + slot * engine.vectorCount + block.offset, count: block.count)
    }
  }

  private func computeGradient(of block: ParameterBlock, sampleCount: Int, into gradient: UnsafeMutablePointer<Float>) {
    let bound = network.stages[block.stage]
    let stage = bound.stage
    guard block.role == .weight else {
      for padding in block.rows.count..<block.count { gradient[padding] = 0 }
      let values = block.role == .bias ? bound.gradient : bound.preactivation.unsafelyUnwrapped
      engine.kernels.sampleSums(
        sampleCount: sampleCount, featureCount: stage.outputCount, rows: block.rows, values: values, sums: gradient)
      return
    }
    let firstInput = block.panel * PanelLayout.laneCount
    engine.kernels.weightGradient(
      sampleCount: sampleCount, outputCount: stage.outputCount, rows: block.rows,
      inputCount: min(PanelLayout.laneCount, stage.inputCount - firstInput), outputGradient: bound.gradient,
      inputTransposed: bound.inputTransposed.unsafelyUnwrapped + firstInput * network.sampleCapacity,
      gradient: gradient)
  }

  private func slice(
    of block: ParameterBlock, gradient: UnsafePointer<Float>, scale: Float, step: OptimizerStep,
    coefficients: SIMD8<Float>
  ) -> ParameterSlice {
    ParameterSlice(
      count: block.count, parameters: engine.parameters + block.offset, gradients: gradient, gradientScale: scale,
      role: block.role, step: step, coefficients: coefficients, kernels: engine.kernels,
      firstState: engine.optimizerState.map { $0 + block.offset }, stateStride: engine.vectorCount)
  }

  /// Books a step's loss and hits, and decides whether another step follows; worker 0, between the barriers.
  private func record(_ loss: Double, samples: Range<Int>, step: Int) {
    epoch.lossSum += loss
    for slot in 0..<PanelLayout.halfPanelCount(samples.count) { epoch.correctCount += Int(slots.correctCounts[slot]) }
    epoch.lossBits.store(epoch.lossSum.bitPattern, ordering: .relaxed)
    epoch.stepsDone.store(step + 1, ordering: .relaxed)
    epoch.endsAfterThisStep = epoch.stopRequested.load(ordering: .relaxed)
  }
}
