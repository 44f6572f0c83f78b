import NeuronKernels
import PerceptronModel

/// Samples of a lane that one worker takes through the network by itself.
struct LaneShard {
  let lane: GradientLane
  /// The samples among the lane's.
  let share: SampleShare
  /// The place in the epoch's order of the lane's first sample.
  let firstPlace: Int

  /// The samples' places in the epoch's order.
  var places: Range<Int> { firstPlace + share.samples.lowerBound..<firstPlace + share.samples.upperBound }
}

extension StepEngine {
  /// Takes a shard through the network and back.
  func pass(_ shard: LaneShard, of epoch: EpochRun, clock: UnsafeMutablePointer<StepClock>) {
    pass(shard, samples: shard.share.leadingHalf, of: epoch, clock: clock)
    pass(shard, samples: shard.share.panels, of: epoch, clock: clock)
  }

  private func pass(
    _ shard: LaneShard, samples: Range<Int>, of epoch: EpochRun, clock: UnsafeMutablePointer<StepClock>
  ) {
    guard !samples.isEmpty else { return }
    let placed = placed(shard, samples: samples, of: epoch), pass = placed.pass
    pass.gather(epoch.feed.source, indices: placed.indices)
    clock.pointee.lap(.data)
    pass.forward(keepsTransposed: true)
    pass.applyLoss(epoch.feed.lossTargets(placed.indices), withGradient: true, slots: placed.slots)
    clock.pointee.lap(.forward)
    pass.backward()
    clock.pointee.lap(.backward)
  }

  /// Some samples of a shard, from a half panel on.
  private func placed(_ shard: LaneShard, samples: Range<Int>, of epoch: EpochRun) -> PlacedShard {
    PlacedShard(
      pass: ShardPass(
        shard.lane.network, kernels: kernels, firstSample: samples.lowerBound, sampleCount: samples.count,
        draws: epoch.draws(firstPlace: shard.firstPlace + samples.lowerBound),
        gradientScale: epoch.gradientScale(place: shard.firstPlace)),
      indices: epoch.order.baseAddress.unsafelyUnwrapped + shard.firstPlace + samples.lowerBound,
      slots: shard.lane.slots.advanced(toSample: samples.lowerBound))
  }

  /// Gives `body` the parts of a shard that go through the network by themselves.
  func forEachPart(of shard: LaneShard, in epoch: EpochRun, _ body: (PlacedShard) -> Void) {
    let half = shard.share.leadingHalf, panels = shard.share.panels
    if !half.isEmpty { body(placed(shard, samples: half, of: epoch)) }
    if !panels.isEmpty { body(placed(shard, samples: panels, of: epoch)) }
  }
}
