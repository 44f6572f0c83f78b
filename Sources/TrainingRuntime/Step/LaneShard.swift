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
    let indices = epoch.order.baseAddress.unsafelyUnwrapped + shard.firstPlace + samples.lowerBound
    let pass = ShardPass(
      shard.lane.network, kernels: kernels, firstSample: samples.lowerBound, sampleCount: samples.count,
      draws: epoch.draws(firstPlace: shard.firstPlace + samples.lowerBound),
      gradientScale: epoch.gradientScale(place: shard.firstPlace))
    pass.gather(epoch.feed.source, indices: indices)
    clock.pointee.lap(.data)
    pass.forward(keepsTransposed: true)
    pass.applyLoss(
      epoch.feed.lossTargets(indices), withGradient: true,
      slots: shard.lane.slots.advanced(toSample: samples.lowerBound))
    clock.pointee.lap(.forward)
    pass.backward()
    clock.pointee.lap(.backward)
  }
}
