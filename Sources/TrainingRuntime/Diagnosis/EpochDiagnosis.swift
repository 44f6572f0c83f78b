/// What the sampled steps of an epoch have shown of every layer, and what is wrong with it.
public struct EpochDiagnosis: Sendable, Hashable {
  /// One entry for each dense layer and each activation that stands alone, input side first.
  public let layers: [LayerDiagnosis]
  /// What is sick, in words; empty for a healthy network.
  public let verdicts: [DiagnosisVerdict]
  /// Steps that were looked at.
  public let sampledSteps: Int
}

/// What the sampled steps of an epoch have shown of one layer.
public struct LayerDiagnosis: Sendable, Hashable {
  /// What messages call the layer, as in `layer 2 (dense 128 relu)`.
  public let name: String
  /// The name of its activation.
  public let activation: String
  /// How many units it has.
  public let unitCount: Int
  /// Rectifiers that no sample made fire; nil where the activation cannot die.
  ///
  /// Until ``deadUnitsAreConfirmed`` this counts the samples of the sampled steps only, and may be too many.
  public let deadUnits: Int?
  /// Whether the dead units were looked for on all of the epoch's samples: done before a verdict names them.
  public let deadUnitsAreConfirmed: Bool
  /// Units that were within a hundredth of a limit of their activation for 19 of 20 samples; nil without limits.
  ///
  /// A softmax counts as a whole.
  public let saturatedUnits: Int?
  /// The share of all values that were; of a softmax, the share of samples of which one unit took nearly everything.
  public let saturatedShare: Double?
  /// Mean of the values that the layer gives.
  public let activationMean: Double
  /// Their standard deviation.
  public let activationDeviation: Double
  /// Mean of ∂loss/∂z, the loss being the minibatch's mean; nil below the lowest layer that learns.
  public let gradientMean: Double?
  /// Their standard deviation.
  public let gradientDeviation: Double?
  /// The length of a step's change of the weights over the weights' own; nil without weights.
  ///
  /// The mean of the sampled steps, each over some thousand of the weights.
  public let updateRatio: Double?

  /// Root of the mean square of ∂loss/∂z.
  var gradientScale: Double? {
    guard let gradientMean, let gradientDeviation else { return nil }
    return (gradientMean * gradientMean + gradientDeviation * gradientDeviation).squareRoot()
  }
}

/// One thing that is wrong with a network, as a sentence.
public struct DiagnosisVerdict: Sendable, Hashable {
  /// The illnesses.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Rows of the data set whose features lie far beyond all others: the cause of whatever else is found.
    case farRows = "far_rows"
    /// Rectifiers that never fire: they give 0 and learn nothing.
    case deadUnits = "dead_units"
    /// Units that stand at a limit of their activation: they learn next to nothing.
    case saturation
    /// Gradients that fade on their way down.
    case vanishingGradients = "vanishing_gradients"
    /// Gradients that grow on their way down.
    case explodingGradients = "exploding_gradients"
    /// Steps that change the weights by much of their size, while the loss does not fall.
    case largeUpdates = "large_updates"
    /// A loss that is not below that of a guess among the classes, after epochs enough to be.
    case noBetterThanGuessing = "no_better_than_guessing"
  }

  /// Which illness.
  public let kind: Kind
  /// What messages call the layer; `input` for rows of the data.
  public let layer: String
  /// The first epoch since which it lasts.
  public let sinceEpoch: Int
  /// What is wrong, since when, and what to try; without a full stop.
  public let message: String
}
