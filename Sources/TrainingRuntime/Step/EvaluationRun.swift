import NeuronKernels
import PerceptronModel
import WorkerTeam

/// Forward passes over any number of samples with the weights held still; each worker takes a run of whole panels.
///
/// One slot for every half panel, added up in order, gives the same loss for any number of workers.
final class EvaluationRun: @unchecked Sendable {
  private let engine: StepEngine
  private let feed: SampleFeed
  private let rows: UnsafeBufferPointer<UInt32>
  private let panelCount: Int
  private let slots: LossSlotStorage

  /// - Parameter rows: borrowed until ``result`` has been read.
  init(engine: StepEngine, feed: SampleFeed, rows: UnsafeBufferPointer<UInt32>) {
    self.engine = engine
    self.feed = feed
    self.rows = rows
    panelCount = PanelLayout.panelCount(rows.count)
    slots = LossSlotStorage(rowCount: rows.count)
  }

  /// One worker's share, a few panels at a time in its own part of the workspace.
  func evaluate(_ worker: WorkerContext) {
    let clock = engine.memory.clock(worker: worker.index)
    clock.pointee.start()
    let chunk = PanelLayout.panelCount(engine.memory.layout.workspace.sampleCapacity) / worker.workerCount
    let share = IndexPartition.range(ofPart: worker.index, parts: worker.workerCount, count: panelCount)
    for first in stride(from: share.lowerBound, to: share.upperBound, by: chunk) {
      evaluate(panels: first..<min(first + chunk, share.upperBound), workspacePanel: worker.index * chunk)
    }
    clock.pointee.lap(.evaluation)
  }

  private func evaluate(panels: Range<Int>, workspacePanel: Int) {
    let first = panels.lowerBound * PanelLayout.laneCount
    let count = min(panels.upperBound * PanelLayout.laneCount, rows.count) - first
    let indices = rows.baseAddress.unsafelyUnwrapped + first
    let pass = ShardPass(
      engine.network, kernels: engine.kernels, firstSample: workspacePanel * PanelLayout.laneCount, sampleCount: count)
    pass.gather(feed.source, indices: indices)
    pass.forward(keepsTransposed: false)
    pass.applyLoss(
      feed.lossTargets(indices), withGradient: false,
      slots: slots.slots.advanced(toSample: first))
  }

  /// Loss and accuracy, once all workers are done.
  var result: Evaluation { slots.evaluation(hasLabels: feed.hasLabels) }
}
