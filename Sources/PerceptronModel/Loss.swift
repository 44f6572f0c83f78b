/// What training makes small, averaged over the samples of a minibatch.
public enum Loss: String, Sendable, Hashable, CaseIterable {
  /// −log of the probability given to the right class; the last layer must be softmax, with which it is fused.
  case categoricalCrossEntropy = "categorical_cross_entropy"
  /// Σ(y − t)²/outputs; labels count as one-hot targets.
  case meanSquaredError = "mean_squared_error"
}
