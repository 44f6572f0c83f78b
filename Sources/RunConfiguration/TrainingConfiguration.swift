import Fascicle

/// How long a run trains, in which portions and from which seed.
public struct TrainingConfiguration: Sendable, Hashable {
  /// Passes over the training samples.
  public var epochs = 20
  /// Samples of a step; the last of an epoch may have fewer.
  public var batchSize = 32
  /// What all random choices follow from: weights, order, splits.
  public var seed: UInt64 = 7
  /// The part of the training samples that is held out to watch the run; 0 for none.
  public var validation = 0.1
  /// Whether every part of the data that is divided at random gets its share of every class.
  public var stratifies = false
  /// How much samples of each class count in the training loss.
  public var classWeights = ClassWeights.none
  /// When to end before the last epoch; nil for never.
  public var earlyStopping: EarlyStopping?
  /// The bound on the gradient.
  public var clipping = GradientClipping.none
  /// What is done around the optimizer's updates.
  public var transforms = UpdateTransforms()
  /// Whether sampled steps are looked at for sick layers.
  public var diagnosis = true
  /// What happens when the loss stops being a number.
  public var onDivergence = DivergencePolicy.stop
  /// How many samples are shuffled together; nil for all.
  public var shuffleWindow: Int?
  /// How features are scaled.
  public var normalization = Normalization.standardize

  /// The defaults, which suit the digits.
  public init() {}
}
