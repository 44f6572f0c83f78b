import GradientOptimizers
import NeuronKernels
import PerceptronModel

/// What every way of training does to one block of parameters.
extension StepEngine {
  /// Forms a block's gradient over the first `sampleCount` samples that `network` holds.
  func formGradient(
    of block: ParameterBlock, over network: BoundNetwork, sampleCount: Int, into gradient: UnsafeMutablePointer<Float>
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
      gradient: gradient)
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

  /// Asks for what the update of a block will read while its gradient is being formed: beyond the caches, the optimizer's
  /// state would otherwise be waited for.
  func prefetchState(of block: ParameterBlock) {
    NeuronKernels.prefetch(parameters + block.offset, count: block.count)
    guard let state = optimizerState else { return }
    for slot in 0..<stateSlotCount {
      NeuronKernels.prefetch(state + slot * vectorCount + block.offset, count: block.count)
    }
  }

  /// The factor that brings the whole gradient to its limit, from the squares that the blocks' owners have left.
  func clippingScale(_ squareSums: UnsafePointer<Double>) -> Float {
    var sum = 0.0
    for index in blocks.indices { sum += squareSums[index] }
    return clipping.scale(norm: sum.squareRoot())
  }
}
