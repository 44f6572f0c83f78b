import NeuronKernels

/// What the kernels run as one pass: a dense layer with the activation that follows it, or an activation alone.
///
/// A trivial value: copying one in a step touches no reference count that workers would share.
package struct Stage: Sendable, Hashable {
  /// The dense part; nil for an activation alone.
  package let dense: DenseShape?
  /// What becomes of the values.
  package var operation = StageOperation.activate
  /// Values that a sample brings in.
  package let inputCount: Int
  /// Values that a sample leaves with.
  package let outputCount: Int
  /// The function applied to the sums.
  package let activation: ActivationFunction
  /// How the weights are drawn; nil leaves it to the activation.
  let chosenInitializer: Initializer?
  /// Where the biases start.
  var initialBias: Float = 0
  /// How the parameters learn.
  package var learning = LayerLearning()
  /// The parameters' places in the flat vector, each on its own 64-byte lines; empty where the stage has none.
  package let weights: Range<Int>
  package let bias: Range<Int>
  package let slopes: Range<Int>
  /// The places of a batch normalization's running means and variances in the flat vector: kept with the parameters, but
  /// nothing that learns.
  package var runningMean = 0..<0
  package var runningVariance = 0..<0
  var initializer: Initializer { chosenInitializer ?? .standard(for: activation) }
  /// Whether there is anything to learn here.
  package var hasParameters: Bool { !weights.isEmpty || !bias.isEmpty || !slopes.isEmpty }
  /// Whether the stage's slopes are the gains of a normalization.
  package var isNormalization: Bool { operation.isNormalization }
  /// Whether what there is to learn is not held still.
  package var learns: Bool { hasParameters && !learning.isFrozen }
  /// Whether z must be kept beside y for the way back.
  package var keepsPreactivation: Bool {
    activation.needsPreactivation || operation.keepsFactors || operation.isNormalization
  }
}
