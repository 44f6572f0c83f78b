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
    let bound = network.stages[block.stage]
    let stage = bound.stage
    guard block.role == .weight else {
      for padding in block.rows.count..<block.count { gradient[padding] = 0 }
      let values = block.role == .bias ? bound.gradient : bound.preactivation.unsafelyUnwrapped
      kernels.sampleSums(
        sampleCount: sampleCount, featureCount: stage.outputCount, rows: block.rows, values: values, sums: gradient)
      return
    }
    let firstInput = block.panel * PanelLayout.laneCount
    kernels.weightGradient(
      sampleCount: sampleCount, outputCount: stage.outputCount, rows: block.rows,
      inputCount: min(PanelLayout.laneCount, stage.inputCount - firstInput), outputGradient: bound.gradient,
      inputTransposed: bound.inputTransposed.unsafelyUnwrapped + firstInput * network.sampleCapacity,
      gradient: gradient, updateReads: updateReads)
  }

  /// A block as the optimizer takes it.
  func slice(
    of block: ParameterBlock, gradient: UnsafePointer<Float>, scale: Float, step: OptimizerStep,
    coefficients: SIMD8<Float>
  ) -> ParameterSlice {
    ParameterSlice(
      count: block.count, parameters: parameters + block.offset, gradients: gradient, gradientScale: scale,
      role: block.role, step: step, coefficients: coefficients, kernels: kernels,
      firstState: optimizerState.map { $0 + block.offset }, stateStride: vectorCount)
  }

  /// What the update of a block will read: beyond the caches it would otherwise be waited for.
  func updateReads(of block: ParameterBlock) -> UpdateReads {
    let state = optimizerState.map { UnsafePointer($0 + block.offset) }
    return UpdateReads(
      parameters: parameters + block.offset, firstState: state,
      secondState: stateSlotCount > 1 ? state.map { $0 + vectorCount } : nil)
  }

  /// The factor that brings the whole gradient to its limit, from the squares that the blocks' owners have left.
  func clippingScale(_ squareSums: UnsafePointer<Double>) -> Float {
    var sum = 0.0
    for index in blocks.indices { sum += squareSums[index] }
    return clipping.scale(norm: sum.squareRoot())
  }
}
