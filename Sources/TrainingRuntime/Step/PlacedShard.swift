import NeuronKernels
import PerceptronModel

/// Samples on their way through the network, with where their rows and losses stand.
struct PlacedShard {
  let pass: ShardPass
  /// The data set rows of the samples.
  let indices: UnsafePointer<UInt32>
  /// The losses' slots, from the first sample on.
  let slots: LossSlots
}

extension StepEngine {
  /// Takes shards through the network and back stage by stage, where all who share the minibatch meet for the sums of a
  /// batch normalization: before, so that every sample has come there, and after, so that every sum is formed.
  ///
  /// - Parameters:
  ///   - each: calls its body with each of the caller's shards; with none where it has no samples.
  ///   - formMoments: forms means and variances of the caller's share of a stage's units.
  ///   - formGradientSums: the same of the sums that the way back takes.
  ///   - meet: waits for all others; everybody calls it equally often.
  func passMeeting(
    of epoch: EpochRun, clock: UnsafeMutablePointer<StepClock>, each: ((PlacedShard) -> Void) -> Void,
    formMoments: (_ stage: Int) -> Void, formGradientSums: (_ stage: Int) -> Void, meet: () throws -> Void
  ) rethrows {
    func together(_ phase: StepClock.Phase, _ form: () -> Void) throws {
      clock.pointee.lap(phase)
      try meet()
      clock.pointee.lap(.barrier)
      form()
      clock.pointee.lap(phase)
      try meet()
      clock.pointee.lap(.barrier)
    }
    each { $0.pass.gather(epoch.feed.source, indices: $0.indices) }
    clock.pointee.lap(.data)
    for stage in network.stages.indices {
      if network.stages[stage].stage.operation.normalizesBatches { try together(.forward) { formMoments(stage) } }
      each { $0.pass.forward(stage: stage, keepsTransposed: true) }
    }
    each { $0.pass.applyLoss(epoch.feed.lossTargets($0.indices), withGradient: true, slots: $0.slots) }
    clock.pointee.lap(.forward)
    for stage in network.stagesBackward {
      if network.stages[stage].stage.operation.normalizesBatches {
        try together(.backward) { formGradientSums(stage) }
      }
      each { $0.pass.backward(through: stage) }
    }
    clock.pointee.lap(.backward)
  }
}
