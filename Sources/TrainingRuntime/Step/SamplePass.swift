import NeuronKernels
import PerceptronModel
import WorkerTeam

/// Phase A of a step for one worker: its samples' way through the network and back.
///
/// Alone with its samples, a worker meets nobody. In a group it computes a part of every layer's units, and all workers meet
/// after each layer; those without samples or group take part in the barriers only. Either way each value has one writer
/// and one order of summation.
struct SamplePass {
  private let engine: StepEngine
  private let epoch: EpochRun
  private let worker: WorkerContext
  private let clock: UnsafeMutablePointer<StepClock>
  private let groupCount: Int
  private let group: Int
  private let part: UnitPart

  init(engine: StepEngine, epoch: EpochRun, worker: WorkerContext) {
    let canSplitUnits = worker.workerCount > 1 && engine.splitsByUnits
    let split = canSplitUnits ? engine.split : .samples
    let groupSize = split.groupSize(workerCount: worker.workerCount)
    self.engine = engine
    self.epoch = epoch
    self.worker = worker
    clock = engine.memory.clock(worker: worker.index)
    groupCount = split.groupCount(workerCount: worker.workerCount)
    group = worker.index / groupSize
    part = UnitPart(index: worker.index % groupSize, count: groupSize)
  }

  /// Takes this worker's share of the minibatch at `samples` of the epoch's order through the network and back.
  func run(_ samples: Range<Int>) throws {
    let share = share(sampleCount: samples.count)
    if part.count > 1 { return try runTogether(samples, share: share) }
    if engine.meetsWithinPasses { return try runMeeting(samples, share: share) }
    run(samples, places: share.leadingHalf)
    run(samples, places: share.panels)
  }

  /// The places in the epoch's order of this worker's samples of a minibatch; empty beyond the epoch's end.
  func places(ofMinibatch minibatch: Int) -> Range<Int> {
    let samples = epoch.samples(ofMinibatch: minibatch)
    guard !samples.isEmpty, part.index == 0 else { return 0..<0 }
    let share = share(sampleCount: samples.count).samples
    return samples.lowerBound + share.lowerBound..<samples.lowerBound + share.upperBound
  }

  /// Workers beyond the last group have no samples.
  private func share(sampleCount: Int) -> SampleShare {
    group < groupCount ? SampleShare(group, of: groupCount, sampleCount: sampleCount) : .none
  }

  private func run(_ samples: Range<Int>, places: Range<Int>) {
    guard !places.isEmpty else { return }
    let pass = pass(samples, places)
    pass.gather(epoch.feed.source, indices: indices(samples, places))
    clock.pointee.lap(.data)
    pass.forward(keepsTransposed: true)
    applyLoss(pass, samples, places)
    clock.pointee.lap(.forward)
    pass.backward()
    clock.pointee.lap(.backward)
  }

  /// The same layer by layer; every worker of the team meets the others as often, whatever its share.
  private func runTogether(_ samples: Range<Int>, share: SampleShare) throws {
    layer(samples, share, .data) { pass, places in pass.gather(epoch.feed.source, indices: indices(samples, places)) }
    for stage in engine.network.stages.indices {
      try meet()
      layer(samples, share, .forward) { pass, _ in pass.forward(stage: stage, keepsTransposed: true) }
    }
    try meet()
    if part.index == 0 { layer(samples, share, .forward) { pass, places in applyLoss(pass, samples, places) } }
    for stage in engine.network.stagesBackward {
      try meet()
      layer(samples, share, .backward) { pass, _ in pass.backward(through: stage) }
    }
  }

  /// Its own samples by itself, but for the sums of batch normalizations, for which all workers meet.
  private func runMeeting(_ samples: Range<Int>, share: SampleShare) throws {
    func units(_ stage: Int) -> Range<Int> {
      engine.units(ofStage: stage, worker: worker.index, of: worker.workerCount)
    }
    try engine.passMeeting(
      of: epoch, clock: clock,
      each: { body in
        func run(_ places: Range<Int>) {
          guard !places.isEmpty else { return }
          body(
            PlacedShard(
              pass: pass(samples, places), indices: indices(samples, places),
              slots: engine.memory.lossSlots.advanced(toSample: places.lowerBound)))
        }
        run(share.leadingHalf)
        run(share.panels)
      },
      formMoments: {
        engine.network.formMoments(
          ofStage: $0, units: units($0), sampleCount: samples.count, kernels: engine.kernels)
      },
      formGradientSums: {
        engine.network.formGradientSums(
          ofStage: $0, units: units($0), sampleCount: samples.count, kernels: engine.kernels)
      }, meet: { try worker.barrier() })
  }

  private func layer(
    _ samples: Range<Int>, _ share: SampleShare, _ phase: StepClock.Phase, _ work: (ShardPass, Range<Int>) -> Void
  ) {
    if !share.leadingHalf.isEmpty { work(pass(samples, share.leadingHalf), share.leadingHalf) }
    if !share.panels.isEmpty { work(pass(samples, share.panels), share.panels) }
    clock.pointee.lap(phase)
  }

  private func meet() throws {
    try worker.barrier()
    clock.pointee.lap(.barrier)
  }

  private func pass(_ samples: Range<Int>, _ places: Range<Int>) -> ShardPass {
    ShardPass(
      engine.network, kernels: engine.kernels, firstSample: places.lowerBound, sampleCount: places.count, part: part,
      draws: epoch.draws(firstPlace: samples.lowerBound + places.lowerBound),
      gradientScale: epoch.gradientScale(place: samples.lowerBound))
  }

  private func applyLoss(_ pass: ShardPass, _ samples: Range<Int>, _ places: Range<Int>) {
    pass.applyLoss(
      epoch.feed.lossTargets(indices(samples, places)), withGradient: true,
      slots: engine.memory.lossSlots.advanced(toSample: places.lowerBound))
  }

  /// The data set rows of some places of the minibatch.
  private func indices(_ samples: Range<Int>, _ places: Range<Int>) -> UnsafePointer<UInt32> {
    epoch.order.baseAddress.unsafelyUnwrapped + samples.lowerBound + places.lowerBound
  }
}
