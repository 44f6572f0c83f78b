import NeuronKernels
import PerceptronModel

/// Samples that one worker takes through the network by itself, and where they go.
struct Shard {
  /// The samples' places in the epoch's order.
  let places: Range<Int>
  /// Whose workspace they go to.
  let lane: GradientLane
  /// The panel of that workspace that receives the first of them.
  let firstPanel: Int
  /// Samples of the whole minibatch, over which the loss is a mean.
  let batchSampleCount: Int
}

extension StepEngine {
  /// Takes a shard through the network and back.
  func pass(_ shard: Shard, of epoch: EpochRun, clock: UnsafeMutablePointer<StepClock>) {
    guard !shard.places.isEmpty else { return }
    let indices = epoch.order.baseAddress.unsafelyUnwrapped + shard.places.lowerBound
    let pass = ShardPass(
      shard.lane.network, kernels: kernels, firstSample: shard.firstPanel * PanelLayout.laneCount,
      sampleCount: shard.places.count)
    pass.gather(epoch.feed.source, indices: indices)
    clock.pointee.lap(.data)
    pass.forward(keepsTransposed: true)
    pass.applyLoss(
      epoch.feed.lossTargets(indices), gradientScale: 1 / Float(shard.batchSampleCount), withGradient: true,
      slots: LossSlots(
        lossSums: shard.lane.slots.lossSums + shard.firstPanel,
        correctCounts: shard.lane.slots.correctCounts + shard.firstPanel))
    clock.pointee.lap(.forward)
    pass.backward()
    clock.pointee.lap(.backward)
  }
}
