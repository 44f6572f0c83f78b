import NeuronKernels

/// The perceptron rule: where a step answers wrongly, the sample is added to its weights, or taken away from them.
///
///     w += rate·(t − y)·x        b += rate·(t − y)        y = [w·x + b > 0], t is 0 or 1
///
/// Of a minibatch it is the mean over the samples, so a batch of one sample is Rosenblatt's rule to the letter. Where some
/// hyperplane parts the classes, it finds one after a bounded number of mistakes, whatever the rate.
///
/// It is for a network of a single dense layer with the activation `step` and the loss mean squared error; a trainer refuses
/// anything else.
///
/// Source: Rosenblatt, "The Perceptron", Psychological Review 65, 1958, doi:10.1037/h0042519; Novikoff, "On Convergence
/// Proofs for Perceptrons", 1962.
public struct Perceptron: GradientOptimizer, KernelUpdatingOptimizer {
  /// The learning rate: what of a sample is added.
  public var learningRate: Float
  /// Units of the layer: mean squared error is a mean over them too, which the rule is not.
  package var outputCount = 1

  /// The perceptron rule with a learning rate; 1 adds whole samples.
  public init(learningRate: Float = 1) { self.learningRate = learningRate }

  /// `perceptron`.
  public var name: String { "perceptron" }

  /// The step: the gradient of mean squared error is 2·(y − t)·x over the number of outputs.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    var lanes = SIMD8<Float>.zero
    lanes[0] = step.learningRate * Float(outputCount) / 2
    return lanes
  }

  /// One pass over the slice.
  public func update(_ slice: ParameterSlice) {
    slice.kernels.updateSGD(slice.updateSlice(stateSlots: 0, l2: 0), rate: slice.coefficients[0])
  }
}
