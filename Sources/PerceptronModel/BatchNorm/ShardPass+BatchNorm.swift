import NeuronKernels

/// Batch normalization of a shard, once the statistics of the whole minibatch are there.
extension ShardPass {
  /// While something is learned, by the minibatch's statistics; otherwise by the running ones.
  func normalizeBatch(_ bound: BoundStage, input: UnsafePointer<Float>) {
    let normalization = bound.batchNormalization.unsafelyUnwrapped
    kernels.batchNormalize(
      input, to: output(bound), by: draws == nil ? normalization.running : normalization.training,
      sampleCount: sampleCount, featureCount: bound.stage.outputCount,
      normalized: draws == nil ? nil : preactivation(bound))
  }

  func normalizeBatchBackward(_ bound: BoundStage, inputGradient: UnsafeMutablePointer<Float>) {
    let normalization = bound.batchNormalization.unsafelyUnwrapped
    kernels.batchNormalizeBackward(
      gradient(bound), by: normalization.training, sampleCount: sampleCount, featureCount: bound.stage.outputCount,
      share: gradientScale, sums: normalization.batch.gradientSums, products: normalization.batch.gradientProducts,
      normalized: preactivation(bound).unsafelyUnwrapped, inputGradient: inputGradient)
  }
}
