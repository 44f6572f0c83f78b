import NeuronKernels
import PerceptronModel
import WorkerTeam

/// What batch normalizations keep from step to step.
extension StepEngine {
  /// A worker's share of a stage's units, whose sums over the minibatch it forms.
  func units(ofStage stage: Int, worker: Int, of workerCount: Int) -> Range<Int> {
    IndexPartition.range(
      ofPart: worker, parts: workerCount, count: network.stages[stage].stage.outputCount)
  }

  /// Moves a worker's share of all running statistics towards those of the minibatch that has just been learned from.
  ///
  /// The variance is divided by one less than the number of samples first; the minibatch's own is not needed any more.
  ///
  /// - Parameter network: the one that holds the minibatch's statistics.
  /// - Concurrency: after everybody's way back; nobody reads running statistics while training goes on.
  func moveRunningStatistics(of network: BoundNetwork, sampleCount: Int, worker: Int, of workerCount: Int) {
    guard meetsWithinPasses else { return }
    for index in network.stages.indices {
      let stage = network.stages[index].stage
      guard case .batchNormalize(let momentum, _) = stage.operation else { continue }
      let width = PanelLayout.halfLaneCount
      let lines = IndexPartition.range(
        ofPart: worker, parts: workerCount, count: PanelLayout.lineCount(stage.outputCount) / width)
      let first = lines.lowerBound * width, count = lines.count * width
      let batch = network.moments(ofStage: index), variances = batch.variances + first
      kernels.combine(
        variances, .scale, with: variances, count: count, a: Float(sampleCount) / Float(max(1, sampleCount - 1)))
      kernels.blend(
        parameters + stage.runningMean.lowerBound + first, towards: batch.means + first, count: count, share: momentum)
      kernels.blend(
        parameters + stage.runningVariance.lowerBound + first, towards: variances, count: count, share: momentum)
    }
  }
}
