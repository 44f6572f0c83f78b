/// What training makes small, averaged over the samples of a minibatch.
///
/// Below, y is an output of the network, t its target, e = y − t, and p what sigmoid or softmax make of z. A class label stands
/// for a target of 1 at its output and 0 at the others; with a single output, for a target of 0 or 1. Where nothing else is
/// said, the loss of a sample is the mean over its outputs.
public enum Loss: Sendable, Hashable {
  /// −Σ t′·log p over the outputs, from softmax or from its z; t′ = (1 − labelSmoothing)·t + labelSmoothing/outputs.
  ///
  /// Targets are labels, which other programs call the sparse form, or rows of probabilities.
  ///
  /// Source of smoothing: Szegedy et al., "Rethinking the Inception Architecture", 2015, arXiv:1512.00567.
  case crossEntropy(labelSmoothing: Float = 0, from: LossInput = .probabilities)
  /// −t′·log p − (1 − t′)·log(1 − p), from sigmoid or from its z; t′ = (1 − labelSmoothing)·t + ½·labelSmoothing.
  ///
  /// For two classes with one output, and for several labels of one sample.
  case binaryCrossEntropy(labelSmoothing: Float = 0, from: LossInput = .probabilities)
  /// −(1 − p)^gamma·log p of the label's class, from softmax or from its z: what is known already counts less.
  ///
  /// Source: Lin et al., "Focal Loss for Dense Object Detection", 2017, arXiv:1708.02002; its α is what class weights are for.
  case focal(gamma: Float = 2, from: LossInput = .probabilities)
  /// The focal loss of each output, from sigmoid or from its z, where p is that of the side on which the target is.
  case binaryFocal(gamma: Float = 2, from: LossInput = .probabilities)
  /// Σ t·log(t/p) over the outputs, from softmax or from its z; targets are probabilities.
  case klDivergence(from: LossInput = .probabilities)
  /// e².
  case meanSquaredError
  /// |e|.
  case meanAbsoluteError
  /// 100·|e|/max(|t|, 1e-7).
  case meanAbsolutePercentageError
  /// (log(1 + y) − log(1 + t))², both held at 0 or above.
  case meanSquaredLogarithmicError
  /// ½·e² where |e| ≤ delta, else delta·|e| − ½·delta².
  ///
  /// Source: Huber, "Robust Estimation of a Location Parameter", 1964, doi:10.1214/aoms/1177703732.
  case huber(delta: Float = 1)
  /// log cosh e.
  case logCosh
  /// tau·(t − y) where y is too small, (1 − tau)·(y − t) where it is too large: its least is the quantile tau.
  ///
  /// Source: Koenker, Bassett, "Regression Quantiles", 1978, doi:10.2307/1913643.
  case quantile(tau: Float = 0.5)
  /// y − t·log(y + 1e-7) of rates, or eʸ − t·y of their logarithms; targets are counts.
  case poisson(from: RateInput = .rates)
  /// ½·(s + (t − μ)²·e⁻ˢ): the network puts out the means μ of all targets, then the logarithms s of their variances.
  ///
  /// Source: Nix, Weigend, "Estimating the Mean and Variance of the Target Probability Distribution", 1994,
  /// doi:10.1109/ICNN.1994.374138.
  case gaussianNLL
  /// max(0, 1 − s·y), where s is 1 for a target above 0, else −1.
  case hinge
  /// max(0, 1 − s·y)², where s is 1 for a target above 0, else −1.
  case squaredHinge
  /// max(0, 1 + max (1 − t)·y − Σ t·y) over the outputs.
  case categoricalHinge
  /// −Σ y·t/(‖y‖·‖t‖) over the outputs, from −1 for the same direction to 1 for the opposite.
  case cosineSimilarity

  /// Categorical cross-entropy after softmax, without smoothing: ``crossEntropy(labelSmoothing:from:)`` as it usually is.
  public static let categoricalCrossEntropy = Loss.crossEntropy()
}

/// What a cross-entropy is given.
public enum LossInput: String, Sendable, Hashable, CaseIterable {
  /// Probabilities, from a last layer of softmax or sigmoid, with which the loss is fused.
  case probabilities
  /// Logits, whose softmax or sigmoid the loss forms by itself: the network puts out z.
  case logits
}

/// What a Poisson loss is given.
public enum RateInput: String, Sendable, Hashable, CaseIterable {
  /// Rates, at least 0.
  case rates
  /// Logarithms of rates.
  case logarithms
}
