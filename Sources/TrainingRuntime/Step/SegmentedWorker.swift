import GradientOptimizers
import NeuronKernels
import WorkerTeam

/// One worker's part of training steps whose gradient is formed in lanes: a fixed share of the minibatch each.
///
///     phase A    own samples of the lane: gather → forward → loss → backward
///     meeting    of the lane's team
///     phase B    own blocks of the lane's gradient, over the lane's samples
///     barrier    every lane's gradient is written
///     phase C    own parameters: sum over all lanes → penalties → optimizer
///     barrier    every parameter is updated
///
/// Where a step has several minibatches, the first ones end with the barrier after phase B and another, and every lane adds
/// up its gradients over all of them.
///
/// Teams work in memory near to them; what crosses from one to another is the lanes' gradients, once a step. The shares
/// follow from the number of samples and of lanes, each lane's sums from its samples alone, and the sum over lanes is one
/// tree, so the number of workers changes no bit.
struct SegmentedWorker {
  private let engine: StepEngine
  private let epoch: EpochRun
  private let worker: WorkerContext
  private let clock: UnsafeMutablePointer<StepClock>
  private let lanes: UnsafeMutableBufferPointer<GradientLane>
  private let gradients: UnsafeMutablePointer<UnsafePointer<Float>?>
  private let seat: LaneTeams.Seat
  /// The blocks of its lanes' gradients that this worker forms.
  private let laneBlocks: Range<Int>
  /// The blocks of parameters that this worker updates.
  private let owned: Range<Int>
  private let scratch: UnsafeMutablePointer<Float>

  init(engine: StepEngine, memory: LaneMemory, seating: LaneSeating, epoch: EpochRun, worker: WorkerContext) {
    self.engine = engine
    self.epoch = epoch
    self.worker = worker
    clock = engine.memory.clock(worker: worker.index)
    lanes = memory.lanes
    gradients = memory.gradients
    let place = seating.seat(worker: worker.index, of: worker.workerCount)
    seat = place.seat
    laneBlocks = place.blocks
    owned = engine.ownedBlocks(worker: worker.index, of: worker.workerCount)
    scratch = engine.memory.scratchGradient(worker: worker.index)
  }

  /// Runs steps of the epoch until a request to stop, or a loss that is not a number.
  func run(steps: Range<Int>) throws { try run(steps: steps, optimizer: engine.optimizer) }

  private func run(steps: Range<Int>, optimizer: some GradientOptimizer) throws {
    clock.pointee.start()
    var verdict = StepVerdict(epoch: epoch, skipLimit: engine.transforms.skipLimit)
    for step in steps {
      let minibatches = epoch.minibatches(ofStep: step)
      let (loss, correctCount) = try pass(minibatches)
      let updates = try loss.isFinite && updateOwnedParameters(optimizer, step: step, minibatches: minibatches)
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
      try wait()
      if epoch.endsAfterThisStep { return }
    }
  }

  /// Takes a step's minibatches through the network, one after the other, and adds up each lane's gradients.
  ///
  /// - Returns: the losses' sum, and for worker 0 the hits; the first minibatch whose loss is not a number is the last.
  private func pass(_ minibatches: Range<Int>) throws -> (loss: Double, correctCount: Int) {
    var loss = 0.0, correctCount = 0
    for minibatch in minibatches {
      let samples = epoch.samples(ofMinibatch: minibatch), isLast = minibatch == minibatches.upperBound - 1
      try formLaneGradients(samples, isFirst: minibatch == minibatches.lowerBound)
      if isLast { try engine.formOrthogonalPenalties(owned: owned, worker: worker, clock: clock) }
      try wait()
      // Every worker adds the same slots in the same order, so all decide alike without asking.
      loss += lossSum(samples)
      if worker.index == 0 {
        correctCount += self.correctCount(samples)
        epoch.lastMinibatch = minibatch
      }
      guard loss.isFinite, !isLast else { break }
      moveRunningStatistics(samples)
      try wait()
    }
    return (loss, correctCount)
  }

  /// Moves the statistics of normalizations towards those of a minibatch, in parts that are this worker's alone.
  private func moveRunningStatistics(_ samples: Range<Int>) {
    engine.moveRunningStatistics(
      of: lanes[0].network, sampleCount: samples.count, worker: worker.index, of: worker.workerCount)
  }

  private func wait() throws {
    try worker.barrier()
    clock.pointee.lap(.barrier)
  }
}

// MARK: - Phases A and B: the lanes

extension SegmentedWorker {
  private func formLaneGradients(_ samples: Range<Int>, isFirst: Bool) throws {
    guard engine.meetsWithinPasses else {
      for lane in seat.lanes {
        engine.pass(shard(ofLane: lane, samples), of: epoch, clock: clock)
        try meetTeam()
        formGradient(ofLane: lane, samples: samples, isFirst: isFirst)
      }
      return
    }
    let statistics = LaneStatistics(
      engine: engine, lanes: lanes, sampleCount: samples.count, worker: worker.index, workerCount: worker.workerCount)
    try engine.passMeeting(
      of: epoch, clock: clock,
      each: { body in
        for lane in seat.lanes { engine.forEachPart(of: shard(ofLane: lane, samples), in: epoch, body) }
      }, formMoments: { statistics.formMoments(ofStage: $0) },
      formGradientSums: { statistics.formGradientSums(ofStage: $0) }, meet: { try worker.barrier() })
    try meetTeam()
    for lane in seat.lanes { formGradient(ofLane: lane, samples: samples, isFirst: isFirst) }
  }

  private func meetTeam() throws {
    guard seat.teamSize > 1 else { return }
    try worker.meetGroup()
    clock.pointee.lap(.barrier)
  }

  private func formGradient(ofLane index: Int, samples: Range<Int>, isFirst: Bool) {
    let lane = lanes[index]
    let share = self.samples(ofLane: index, samples)
    guard !share.isEmpty, let gradients = lane.gradients else { return }
    for index in laneBlocks {
      let block = engine.blocks[index]
      engine.formGradient(
        of: block, over: lane.network, sampleCount: share.count, into: gradients + block.offset,
        addingTo: isFirst ? nil : scratch)
    }
    clock.pointee.lap(.gradientAndUpdate)
  }

  /// This worker's part of a lane's share, in half panels where that is fairer.
  private func shard(ofLane index: Int, _ samples: Range<Int>) -> LaneShard {
    let lane = self.samples(ofLane: index, samples)
    return LaneShard(
      lane: lanes[index], share: SampleShare(seat.rank, of: seat.teamSize, sampleCount: lane.count),
      firstPlace: samples.lowerBound + lane.lowerBound)
  }

  /// A lane's share of a minibatch.
  private func samples(ofLane index: Int, _ samples: Range<Int>) -> Range<Int> {
    LaneShare.samples(ofLane: index, of: lanes.count, sampleCount: samples.count)
  }

  /// The places of the samples that this worker will take of a minibatch; empty beyond the epoch's end.
  private func ownPlaces(ofMinibatch minibatch: Int) -> Range<Int> {
    let samples = epoch.samples(ofMinibatch: minibatch)
    guard !samples.isEmpty else { return 0..<0 }
    let first = shard(ofLane: seat.lanes.lowerBound, samples).places
    return first.lowerBound..<shard(ofLane: seat.lanes.upperBound - 1, samples).places.upperBound
  }

  /// Slot by slot, so that the sum does not depend on where one lane ends and the next begins.
  private func lossSum(_ samples: Range<Int>) -> Double {
    var sum = 0.0
    for index in 0..<lanes.count {
      lanes[index].addLosses(sampleCount: self.samples(ofLane: index, samples).count, to: &sum)
    }
    return sum
  }

  private func correctCount(_ samples: Range<Int>) -> Int {
    var count = 0
    for index in 0..<lanes.count {
      count += lanes[index].correctCount(sampleCount: self.samples(ofLane: index, samples).count)
    }
    return count
  }
}

// MARK: - Phase C: the sum and the update

extension SegmentedWorker {
  /// False, with nothing updated, when the gradient's norm is asked for and is not a finite number.
  private func updateOwnedParameters(
    _ optimizer: some GradientOptimizer, step: Int, minibatches: Range<Int>
  ) throws -> Bool {
    let optimizerStep = epoch.optimizerStep(step), next = ownPlaces(ofMinibatch: minibatches.upperBound)
    let coefficients = optimizer.coefficients(for: optimizerStep)
    // A short minibatch leaves the last lanes without samples; they stay out of the sum. A step's first is its longest.
    let laneCount = min(
      lanes.count, PanelLayout.panelCount(epoch.samples(ofMinibatch: minibatches.lowerBound).count))
    let share = epoch.averagingShare(engine.transforms.averaging, step: step)
    var scales: GradientScales?, ratios: TrustRatios?
    if engine.needsNorm {
      guard var found = try gradientScales(laneCount: laneCount) else { return false }
      try engine.clipUnits(lanes[0].gradients.unsafelyUnwrapped, worker: worker, clock: clock)
      try engine.orthogonalize(
        lanes[0].gradients.unsafelyUnwrapped, owned: owned, scales: &found, step: optimizerStep, worker: worker,
        clock: clock)
      try engine.moveFactoredMoments(
        lanes[0].gradients.unsafelyUnwrapped, scales: &found, coefficients: coefficients, worker: worker, clock: clock)
      ratios = try engine.trustRatios(
        owned: owned, gradients: lanes[0].gradients.unsafelyUnwrapped, scales: &found, step: optimizerStep,
        coefficients: coefficients
      ) {
        clock.pointee.lap(.gradientAndUpdate)
        try wait()
      }
      scales = found
    }
    for index in owned {
      let block = engine.blocks[index]
      let gradient =
        scales == nil ? laneSum(of: block, laneCount: laneCount, into: scratch) : UnsafePointer(firstLane(block))
      engine.update(
        block, by: optimizer, gradient: gradient,
        scale: ratios?.ratio(ofBlock: index) ?? scales?.scale(ofBlock: index) ?? 1, step: optimizerStep,
        coefficients: coefficients, averagingShare: share)
      epoch.prefetch(next, beside: index, of: owned)
    }
    clock.pointee.lap(.gradientAndUpdate)
    return true
  }

  /// Sums all owned blocks, meets the others, and returns the factors that bring the gradients to their limits.
  ///
  /// The sums stay in the first lane, where nobody else reads these blocks any more.
  private func gradientScales(laneCount: Int) throws -> GradientScales? {
    let squares = engine.memory.squareSums
    for index in owned {
      let block = engine.blocks[index]
      let sum = laneSum(of: block, laneCount: laneCount, into: firstLane(block))
      squares[index] = engine.kernels.sumOfSquares(sum, count: block.count)
    }
    clock.pointee.lap(.gradientAndUpdate)
    try wait()
    return GradientScales(engine, squareSums: squares)
  }

  private func firstLane(_ block: ParameterBlock) -> UnsafeMutablePointer<Float> {
    lanes[0].gradients.unsafelyUnwrapped + block.offset
  }

  private func laneSum(
    of block: ParameterBlock, laneCount: Int, into sums: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let whole = laneCount == 1 ? firstLane(block) : sums
    if laneCount > 1 {
      engine.kernels.sumGradientLanes(
        gradients, laneCount: laneCount, first: block.offset, count: block.count, into: sums)
    }
    engine.addPenalty(of: block, to: whole)
    return UnsafePointer(whole)
  }
}
