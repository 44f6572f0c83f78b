import NeuronKernels

/// The sums of batch normalizations over samples, some units at a time: each unit's in the order of every other sum.
extension BoundNetwork {
  /// Forms mean and variance of some of a stage's units over the first `sampleCount` samples that the network holds.
  ///
  /// - Precondition: the stage is a batch normalization, and all samples have come to it.
  package func formMoments(ofStage index: Int, units: Range<Int>, sampleCount: Int, kernels: KernelSet) {
    let bound = stages[index], batch = bound.batchNormalization.unsafelyUnwrapped.batch
    let values = index == 0 ? input : stages[index - 1].output
    kernels.batchMoments(
      sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: units, values: values.unsafelyUnwrapped,
      means: batch.means + units.lowerBound, variances: batch.variances + units.lowerBound)
  }

  /// Forms the sums of ∂loss/∂y and of its products with x̂ that the way back through a stage takes.
  ///
  /// - Precondition: the stage is a batch normalization, and all samples' gradients have come to it.
  package func formGradientSums(ofStage index: Int, units: Range<Int>, sampleCount: Int, kernels: KernelSet) {
    let bound = stages[index], batch = bound.batchNormalization.unsafelyUnwrapped.batch
    let gradient = bound.gradient.unsafelyUnwrapped
    kernels.sampleSums(
      sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: units, values: gradient,
      sums: batch.gradientSums + units.lowerBound)
    kernels.sampleProducts(
      sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: units, gradient,
      bound.preactivation.unsafelyUnwrapped, sums: batch.gradientProducts + units.lowerBound)
  }

  /// The means and variances of a stage's units in the minibatch that was computed last.
  package func moments(
    ofStage index: Int
  ) -> (means: UnsafeMutablePointer<Float>, variances: UnsafeMutablePointer<Float>) {
    let batch = stages[index].batchNormalization.unsafelyUnwrapped.batch
    return (batch.means, batch.variances)
  }

  /// The sums that ``formGradientSums(ofStage:units:sampleCount:kernels:)`` leaves.
  package func gradientSums(
    ofStage index: Int
  ) -> (sums: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>) {
    let batch = stages[index].batchNormalization.unsafelyUnwrapped.batch
    return (batch.gradientSums, batch.gradientProducts)
  }
}
