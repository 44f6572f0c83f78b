import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// One worker's part of training steps: two phases and two barriers a step, a third where clipping needs the whole norm.
///
///     phase A   own samples: gather → forward → loss → backward (``SamplePass``)
///     barrier   every panel's activations and output gradients are written
///     phase B   own parameters, then others' (``BlockClaims``): gradient over the whole minibatch → optimizer
///     barrier   every parameter is updated
///
/// Where a step has several minibatches, the first ones go through phase A and leave their gradients behind, with two
/// barriers each; the last one's gradient is added to theirs.
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
  private let claims: BlockClaims

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
    claims = BlockClaims(engine: engine, worker: worker.index, of: worker.workerCount)
  }

  /// Runs steps of the epoch until a request to stop, or a loss that is not a number.
  func run(steps: Range<Int>) throws { try run(steps: steps, optimizer: engine.optimizer) }

  /// The optimizer's existential is opened here, once a run of steps, and not at every block.
  private func run(steps: Range<Int>, optimizer: some GradientOptimizer) throws {
    clock.pointee.start()
    var verdict = StepVerdict(epoch: epoch, skipLimit: engine.transforms.skipLimit)
    for step in steps {
      let minibatches = epoch.minibatches(ofStep: step)
      let (loss, correctCount) = try pass(minibatches, step: step)
      let updates = try loss.isFinite && updateParameters(optimizer, step: step, minibatches: minibatches)
      guard verdict.goesOn(step: step, loss: loss, didUpdate: updates, writes: worker.index == 0) else { return }
      if !updates {
        engine.passOver(
          owned, step: epoch.optimizerStep(step),
          averagingShare: epoch.averagingShare(engine.transforms.averaging, step: step))
        if worker.index == 0 { epoch.recordSkip(sampleCount: epoch.samples(ofStep: step).count, step: step) }
      } else if worker.index == 0 {
        epoch.record(loss, correctCount: correctCount, step: step)
      }
      if updates { moveRunningStatistics(epoch.samples(ofMinibatch: minibatches.upperBound - 1)) }
      if engine.constrainsRows {
        try wait()
        if updates { engine.constrainRows(worker: worker.index, of: worker.workerCount) }
        clock.pointee.lap(.gradientAndUpdate)
      }
      try wait(.afterUpdate, step: step)
      if epoch.endsAfterThisStep { return }
    }
  }

  /// Takes a step's minibatches through the network, one after the other, and adds up the gradients of all but the last.
  ///
  /// - Returns: the losses' sum, and for worker 0 the hits; the first minibatch whose loss is not a number is the last.
  private func pass(_ minibatches: Range<Int>, step: Int) throws -> (loss: Double, correctCount: Int) {
    var loss = 0.0, correctCount = 0
    for minibatch in minibatches {
      let samples = epoch.samples(ofMinibatch: minibatch), isLast = minibatch == minibatches.upperBound - 1
      try samplePass.run(samples)
      if isLast {
        claims.begin()
        try engine.formOrthogonalPenalties(owned: owned, worker: worker, clock: clock)
        try wait(.betweenPhases, step: step)
      } else {
        try wait()
      }
      // Every worker adds the same slots in the same order, so all decide alike without asking.
      loss += lossSum(slotCount: PanelLayout.halfPanelCount(samples.count))
      if worker.index == 0 {
        correctCount += self.correctCount(samples)
        epoch.lastMinibatch = minibatch
      }
      guard loss.isFinite, !isLast else { break }
      for index in owned {
        _ = gradient(
          of: engine.blocks[index], sampleCount: samples.count, isFirst: minibatch == minibatches.lowerBound)
      }
      moveRunningStatistics(samples)
      clock.pointee.lap(.gradientAndUpdate)
      // The activations that gradients are formed of are the next minibatch's place.
      try wait()
    }
    return (loss, correctCount)
  }

  /// Moves the statistics of normalizations towards those of a minibatch, in parts that are this worker's alone.
  private func moveRunningStatistics(_ samples: Range<Int>) {
    engine.moveRunningStatistics(
      of: network, sampleCount: samples.count, worker: worker.index, of: worker.workerCount)
  }

  /// Forms the gradient of a whole step, in the vector of all, without an update.
  ///
  /// - Returns: the losses' sum, and for worker 0 the hits; without a gradient where the loss is not a number.
  func formGradient(ofStep step: Int) throws -> (loss: Double, correctCount: Int) {
    clock.pointee.start()
    let minibatches = epoch.minibatches(ofStep: step), sums = try pass(minibatches, step: step)
    guard sums.loss.isFinite else { return sums }
    let sampleCount = epoch.samples(ofMinibatch: minibatches.upperBound - 1).count
    for index in owned {
      _ = gradient(of: engine.blocks[index], sampleCount: sampleCount, isFirst: minibatches.count == 1)
    }
    clock.pointee.lap(.gradientAndUpdate)
    return sums
  }

  /// Meets the others at one of the two barriers that every step has.
  private func wait(_ meeting: StepClock.Meeting, step: Int) throws {
    engine.memory.arrivals(worker: worker.index)[meeting.rawValue] = clock.pointee.lastLap
    try wait()
    if worker.index == 0, worker.workerCount > 1, step % StepClock.sampledStep == 0 { bookImbalance(meeting) }
  }

  /// Compares all workers' arrivals: nobody arrives at this barrier again before worker 0 has been to the next one.
  private func bookImbalance(_ meeting: StepClock.Meeting) {
    var last: UInt64 = 0, sum: UInt64 = 0
    for index in 0..<worker.workerCount {
      let arrival = engine.memory.arrivals(worker: index)[meeting.rawValue]
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

  private func correctCount(_ samples: Range<Int>) -> Int {
    var count = 0
    for slot in 0..<PanelLayout.halfPanelCount(samples.count) { count += Int(slots.correctCounts[slot]) }
    return count
  }
}

// MARK: - Phase B

extension TrainingWorker {
  /// False, with nothing updated, when the gradient's norm is asked for and is not a finite number.
  private func updateParameters(
    _ optimizer: some GradientOptimizer, step number: Int, minibatches: Range<Int>
  ) throws -> Bool {
    let step = epoch.optimizerStep(number), coefficients = optimizer.coefficients(for: step)
    let share = epoch.averagingShare(engine.transforms.averaging, step: number)
    let last = minibatches.upperBound - 1, isFirst = minibatches.count == 1
    let sampleCount = epoch.samples(ofMinibatch: last).count, next = samplePass.places(ofMinibatch: last + 1)
    guard engine.needsNorm, let gradients = engine.memory.gradients else {
      var claims = claims
      while let claimed = claims.next() {
        for index in claimed {
          let block = engine.blocks[index]
          let gradient = gradient(
            of: block, sampleCount: sampleCount, isFirst: isFirst, updateReads: engine.updateReads(of: block))
          engine.addPenalty(of: block, to: gradient)
          engine.update(
            block, by: optimizer, gradient: gradient, scale: 1, step: step, coefficients: coefficients,
            averagingShare: share)
          if owned.contains(index) { epoch.prefetch(next, beside: index, of: owned) }
        }
      }
      clock.pointee.lap(.gradientAndUpdate)
      return true
    }
    guard var scales = try gradientScales(sampleCount: sampleCount, isFirst: isFirst) else { return false }
    try engine.clipUnits(gradients, worker: worker, clock: clock)
    try engine.orthogonalize(
      gradients, owned: owned, scales: &scales, step: step, worker: worker, clock: clock)
    try engine.moveFactoredMoments(
      gradients, scales: &scales, coefficients: coefficients, worker: worker, clock: clock)
    var ratios = try engine.trustRatios(
      owned: owned, gradients: gradients, scales: &scales, step: step, coefficients: coefficients
    ) {
      clock.pointee.lap(.gradientAndUpdate)
      try wait()
    }
    for index in owned {
      let block = engine.blocks[index], scale = ratios?.ratio(ofBlock: index) ?? scales.scale(ofBlock: index)
      engine.update(
        block, by: optimizer, gradient: gradients + block.offset, scale: scale, step: step,
        coefficients: coefficients, averagingShare: share)
      epoch.prefetch(next, beside: index, of: owned)
    }
    clock.pointee.lap(.gradientAndUpdate)
    return true
  }

  /// Forms all owned gradients, meets the others, and returns the factors that bring the gradients to their limits.
  private func gradientScales(sampleCount: Int, isFirst: Bool) throws -> GradientScales? {
    let squares = engine.memory.squareSums
    for index in owned {
      let block = engine.blocks[index]
      let gradient = gradient(of: block, sampleCount: sampleCount, isFirst: isFirst)
      engine.addPenalty(of: block, to: gradient)
      squares[index] = engine.kernels.sumOfSquares(gradient, count: block.count)
    }
    clock.pointee.lap(.gradientAndUpdate)
    try wait()
    return GradientScales(engine, squareSums: squares)
  }

  /// Forms a block's gradient over the minibatch at hand, in the vector of all where that is kept, and there adds it to what
  /// the step's earlier minibatches have left.
  private func gradient(
    of block: ParameterBlock, sampleCount: Int, isFirst: Bool, updateReads: UpdateReads = UpdateReads()
  ) -> UnsafeMutablePointer<Float> {
    let gradient = engine.memory.gradients.map { $0 + block.offset } ?? scratch
    engine.formGradient(
      of: block, over: network, sampleCount: sampleCount, into: gradient, addingTo: isFirst ? nil : scratch,
      updateReads: updateReads)
    return gradient
  }
}
