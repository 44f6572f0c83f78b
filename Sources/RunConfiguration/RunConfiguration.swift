import Fascicle

/// Everything that decides a training run, typed and complete.
///
/// Every key has a default, and together the defaults train a small network on the digits that come inside the package.
/// What a file and the command line say is laid over them:
///
///     let configuration = try RunConfiguration.load(path: "configs/digits.yaml", overrides: ["training.epochs=3"])
public struct RunConfiguration: Sendable {
  /// What is trained on and tested on.
  public var data = DataConfiguration()
  /// The layers, input side first; the number of inputs follows from the data.
  public var layers: [Layer] = [.dense(Dense(64, activation: .relu)), .dense(Dense(10, activation: .softmax))]
  /// What training makes small.
  public var loss = Loss.categoricalCrossEntropy
  /// The rule that moves the weights.
  public var optimizer = OptimizerConfiguration.standard
  /// How the learning rate moves through the run.
  public var schedule = LearningRateSchedule.constant
  /// How long, in which portions and from which seed.
  public var training = TrainingConfiguration()
  /// How the run's state is kept, so that it can be gone on from; nil for not at all.
  public var checkpoint: CheckpointConfiguration?
  /// Where and how the run executes.
  public var runtime = RuntimeSettings()

  /// Where values were written, by dotted path, for messages of checks that need the data.
  var places: [String: SourcePlace] = [:]

  /// All defaults.
  public init() {}
}
