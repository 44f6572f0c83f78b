import GradientOptimizers
import NeuronKernels
import PerceptronModel

/// What every way of training does to one block of parameters.
extension StepEngine {
  /// Forms a block's gradient over the first `sampleCount` samples that `network` holds, asking for `updateReads` meanwhile.
  func formGradient(
    of block: ParameterBlock, over network: BoundNetwork, sampleCount: Int, into gradient: UnsafeMutablePointer<Float>,
    updateReads: UpdateReads = UpdateReads()
  ) {
    if isFrozen(block) { return }
    switch block.role {
    case .weight where block.isOfVectors:
      network.vectorGradient(
        ofStage: block.stage, elements: block.rows, sampleCount: sampleCount, kernels: kernels, into: gradient)
    case .weight:
      return network.weightGradient(
        ofStage: block.stage, panel: block.panel, rows: block.rows, sampleCount: sampleCount, kernels: kernels,
        into: gradient, updateReads: updateReads, rowsAhead: block.rowsAhead)
    case .bias:
      network.biasGradient(
        ofStage: block.stage, rows: block.rows, sampleCount: sampleCount, kernels: kernels, into: gradient)
    case .slope:
      network.slopeGradient(
        ofStage: block.stage, rows: block.rows, sampleCount: sampleCount, kernels: kernels, into: gradient)
    }
    for padding in block.rows.count..<block.count { gradient[padding] = 0 }
  }

  /// The same where earlier minibatches of the step may have left a gradient, to which this one is added by way of `scratch`;
  /// nil for the step's first.
  func formGradient(
    of block: ParameterBlock, over network: BoundNetwork, sampleCount: Int, into gradient: UnsafeMutablePointer<Float>,
    addingTo scratch: UnsafeMutablePointer<Float>?, updateReads: UpdateReads = UpdateReads()
  ) {
    formGradient(
      of: block, over: network, sampleCount: sampleCount, into: scratch ?? gradient, updateReads: updateReads)
    guard let scratch, !isFrozen(block) else { return }
    kernels.combine(gradient, .add, with: scratch, count: block.count)
  }

  /// Updates a block, and makes anew what the next step multiplies in its place.
  func update(
    _ block: ParameterBlock, by optimizer: some GradientOptimizer, gradient: UnsafePointer<Float>, scale: Float,
    step: OptimizerStep, coefficients: SIMD8<Float>, averagingShare: Float
  ) {
    if updatesPlainly, block.learnsPlainly {
      optimizer.update(
        slice(of: block, gradient: gradient, scale: scale, step: step, coefficients: coefficients))
      return clearPadding(of: block)
    }
    beginLookahead(block, step: step)
    let learning = learning(of: block)
    if !learning.isFrozen {
      let own = ownStep(learning, step: step)
      if let orthogonalization, orthogonalization.contains(block) {
        orthogonalization.muon.updateMatrix(
          slice(of: block, gradient: gradient, scale: 1, step: own ?? step, coefficients: .zero))
      } else {
        // A direction's gradient was clipped before it became one.
        if !hasTrustRatio { clipValues(gradient, count: block.count) }
        optimizer.update(
          slice(
            of: block, gradient: gradient, scale: scale, step: own ?? step,
            coefficients: own.map { optimizer.coefficients(for: $0) } ?? coefficients))
      }
      clearPadding(of: block)
    }
    constrainValues(of: block, learning)
    followUpdate(block, step: step, averagingShare: averagingShare)
    refreshOperands(of: block)
  }

  /// Makes zeros of what stands beyond the real parameters of a block: an optimizer may move parameters whose gradient is
  /// zero, but norms of rows and tensors take whole lines.
  ///
  /// Workers that do not wait write zeros over one another's; who comes last makes no difference.
  private func clearPadding(of block: ParameterBlock) {
    let first = parameters + block.offset
    guard block.isOfPanel else {
      return (first + block.rows.count).update(repeating: 0, count: block.count - block.rows.count)
    }
    let lanes = PanelLayout.laneCount, real = block.inputCount
    guard real < lanes else { return }
    for row in 0..<block.rows.count { (first + row * lanes + real).update(repeating: 0, count: lanes - real) }
  }

  /// A block as the optimizer takes it.
  func slice(
    of block: ParameterBlock, gradient: UnsafePointer<Float>, scale: Float, step: OptimizerStep,
    coefficients: SIMD8<Float>
  ) -> ParameterSlice {
    ParameterSlice(
      count: block.count, parameters: parameters + block.offset, gradients: gradient, gradientScale: scale,
      role: block.role, step: step, coefficients: coefficients, kernels: kernels,
      firstState: optimizerState.map { $0 + block.offset }, stateStride: vectorCount,
      decays: decays(block))
  }

  /// What the update of a block will read: beyond the caches it would otherwise be waited for.
  func updateReads(of block: ParameterBlock) -> UpdateReads {
    let state = optimizerState.map { UnsafePointer($0 + block.offset) }
    return UpdateReads(
      parameters: parameters + block.offset, firstState: state,
      secondState: stateSlotCount > 1 ? state.map { $0 + vectorCount } : nil)
  }
}
