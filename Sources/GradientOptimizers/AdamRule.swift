import Glibc
import NeuronKernels

/// What Adam and its relatives share.
enum AdamRule {
  static func validate(
    beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float
  ) throws(GradientOptimizersError) {
    try requireShare(beta1, "beta1")
    try requireShare(beta2, "beta2")
    try requireEpsilon(epsilon)
    try requireDecay(weightDecay)
  }

  /// Lanes: step size, root correction, share of the parameter that stays, 1 − β₁, 1 − β₂.
  ///
  /// Powers are taken in Double.
  static func coefficients(_ step: OptimizerStep, beta1: Float, beta2: Float, keep: Float) -> SIMD8<Float> {
    var lanes = SIMD8<Float>.zero
    lanes[0] = correctedStep(beta1, step)
    lanes[1] = rootCorrection(beta2, step)
    lanes[2] = keep
    lanes[3] = complement(beta1)
    lanes[4] = complement(beta2)
    return lanes
  }

  static func update(_ slice: ParameterSlice, beta1: Float, beta2: Float, epsilon: Float, l2: Float) {
    let scalars = AdamScalars(
      step: slice.coefficients[0], rootCorrection: slice.coefficients[1], beta1: beta1,
      oneMinusBeta1: slice.coefficients[3], beta2: beta2, oneMinusBeta2: slice.coefficients[4], epsilon: epsilon,
      keep: slice.decays ? slice.coefficients[2] : 1)
    slice.kernels.updateAdam(slice.updateSlice(stateSlots: 2, l2: l2), scalars)
  }
}

/// The decimal number that was meant: 0.999f is 1.3e-8 off 0.999, which would make 1 − β₂ wrong by 1.3e-5 of itself.
///
/// Seven digits identify the decimal that a Float was written as.
func decimal(_ value: Float) -> Double { (Double(value) * 1e7).rounded() / 1e7 }

/// 1 − β as it was meant.
func complement(_ beta: Float) -> Float { Float(1 - decimal(beta)) }

/// 1 − βᵗ: what a running mean that began with zero has gathered after t steps.
func gathered(_ beta: Float, _ step: OptimizerStep) -> Double { 1 - pow(decimal(beta), Double(step.number)) }

/// 1/√(1−β₂ᵗ), which corrects the root of a second moment.
func rootCorrection(_ beta2: Float, _ step: OptimizerStep) -> Float {
  Float(1 / gathered(beta2, step).squareRoot())
}

/// rate/(1−β₁ᵗ): the step that corrects a first moment.
func correctedStep(_ beta1: Float, _ step: OptimizerStep) -> Float {
  Float(Double(step.learningRate) / gathered(beta1, step))
}
