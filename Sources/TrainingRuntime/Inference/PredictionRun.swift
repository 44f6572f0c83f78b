import NeuronKernels
import PerceptronModel
import WorkerTeam

/// Where a predictor's workers find the call that they run.
///
/// - Concurrency: one caller at a time writes, before and after the broadcast that reads it.
final class PredictionSlot: @unchecked Sendable {
  var run: PredictionRun?
}

/// One call of a predictor as its workers see it; a few rows and many take different ways to the same bits.
struct PredictionRun: @unchecked Sendable {
  let network: InferenceNetwork
  let kernels: KernelSet
  let memory: PredictorMemory
  let input: PredictionInput
  let output: PredictionOutput

  /// Whether rows go side by side through a kernel for a few; losses are summed over panels.
  var takesFewRows: Bool { input.rowCount <= RowInference.sampleCapacity && !output.isEvaluation }

  /// FLOP of the products.
  var flops: Double { Double(input.rowCount) * network.flopsPerSample }

  /// Worker `worker`'s share of the call.
  ///
  /// - Parameter barrier: where all workers meet; called equally often by each.
  func run(worker: Int, of workerCount: Int, barrier: () throws -> Void) rethrows {
    if takesFewRows {
      try runRows(worker: worker, of: workerCount, barrier: barrier)
    } else {
      runPanels(worker: worker, of: workerCount)
    }
  }

  // MARK: - A few rows: every worker a share of each stage's outputs

  private func runRows(worker: Int, of workerCount: Int, barrier: () throws -> Void) rethrows {
    let pass = RowInference(network, kernels: kernels, memory: memory.rows), count = input.rowCount
    if worker == 0 {
      pass.gather(sampleCount: count, source: memory.source(input.data, input.element), indices: input.indices)
    }
    try barrier()
    for stage in network.stages.indices {
      let blocks = IndexPartition.range(ofPart: worker, parts: workerCount, count: pass.blockCount(ofStage: stage))
      pass.run(stage: stage, blocks: blocks, sampleCount: count)
      try barrier()
      guard pass.needsFinish(stage: stage) else { continue }
      if worker == 0 { pass.finish(stage: stage, sampleCount: count) }
      try barrier()
    }
    guard worker == 0 else { return }
    let rows = pass.outputs
    for row in 0..<count {
      output.take(rows.values + row * rows.stride, stride: 1, row: row, outputCount: network.program.outputCount)
    }
  }

  // MARK: - Many rows: every worker a run of them

  private func runPanels(worker: Int, of workerCount: Int) {
    let pass = PanelInference(network, kernels: kernels, memory: memory.panels(worker: worker))
    // Half a panel costs half of a whole one, so that 32 rows are work for two; losses are summed over halves, too.
    let unit = PanelLayout.halfLaneCount
    let share = IndexPartition.range(
      ofPart: worker, parts: workerCount, count: (input.rowCount + unit - 1) / unit)
    let end = min(share.upperBound * unit, input.rowCount)
    for first in stride(from: share.lowerBound * unit, to: end, by: PanelInference.sampleCapacity) {
      runChunk(pass, rows: first..<min(first + PanelInference.sampleCapacity, end), worker: worker)
    }
  }

  private func runChunk(_ pass: PanelInference, rows: Range<Int>, worker: Int) {
    let outputCount = network.program.outputCount
    let panels = pass.run(
      sampleCount: rows.count, source: source(of: rows, worker: worker),
      indices: input.indices.map { $0 + rows.lowerBound } ?? memory.rowNumbers,
      leavesLastActivation: output.isEvaluation && network.program.fusesLastActivation)
    guard case .evaluation(let targets, let slots) = output else {
      return output.take(fromPanels: panels, rows: rows.lowerBound, count: rows.count, outputCount: outputCount)
    }
    applyLoss(
      panels, sampleCount: rows.count,
      targets: targets.advanced(toSample: rows.lowerBound),
      slots: slots.advanced(toSample: rows.lowerBound))
  }

  private func applyLoss(
    _ panels: UnsafeMutablePointer<Float>, sampleCount: Int, targets: LossTargets, slots: LossSlots
  ) {
    kernels.applyLoss(
      network.program.kernelLoss, sampleCount: sampleCount, outputCount: network.program.outputCount, targets: targets,
      gradientScale: 0, values: panels, gradient: nil, slots: slots)
  }

  /// Where a chunk's rows are read: in place, or from a copy where reading past their end is not allowed.
  private func source(of rows: Range<Int>, worker: Int) -> GatherSource {
    if input.indices != nil { return memory.source(input.data, input.element) }
    let featureCount = network.program.inputCount
    let address = input.address(ofRow: rows.lowerBound, featureCount: featureCount)
    guard rows.upperBound > input.firstUnpaddedRow else { return memory.source(address, input.element) }
    let copy = memory.copiedRows(worker: worker)
    copy.update(from: address.assumingMemoryBound(to: Float.self), count: rows.count * featureCount)
    return memory.source(copy, .float32)
  }
}
