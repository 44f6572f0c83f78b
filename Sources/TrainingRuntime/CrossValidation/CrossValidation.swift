import TrainingData

/// What k-fold cross-validation found: a network trained anew for every fold, and measured on the samples it never saw.
///
///     let result = try crossValidate(samples, folds: 5, seed: 7, stratified: true) { training in
///       let trainer = try Trainer(network, loss: .categoricalCrossEntropy, optimizer: Adam(), seed: 7)
///       return (trainer, try trainer.fit(training, epochs: 20))
///     }
///     print(result.loss, result.figures)
///
/// Source: Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions", JRSS B 36, 1974.
public struct CrossValidation: Sendable {
  /// One fold: what a network learned from the others, and what it is worth on this one.
  public struct Fold: Sendable {
    /// 1 for the first.
    public let number: Int
    /// Samples that were trained on, those that watched the run not counted.
    public let trainingSampleCount: Int
    /// What training gave.
    public let history: History
    /// Loss and accuracy on the fold's own samples.
    public let evaluation: Evaluation
    /// All that can be measured of the answers to them.
    public let metrics: Metrics
    /// The digest of the trained parameters.
    public let weightsSHA256: String
  }

  /// A figure of all folds together.
  public struct Spread: Sendable, Hashable, CustomStringConvertible {
    /// The mean of the folds, each counting alike.
    public let mean: Double
    /// The standard deviation of a sample, √(Σ(x − mean)²/(k − 1)); 0 for a single fold.
    public let deviation: Double

    /// Mean and deviation of some values, at least one.
    public init(_ values: [Double]) {
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    }

    /// As in `0.9123 ± 0.0087`.
    public var description: String { "\(mean) ± \(deviation)" }
  }

  /// The folds that are done, in order.
  public private(set) var folds: [Fold] = []
  /// Whether training was stopped before the last fold was done; the fold at hand is then left out.
  public internal(set) var wasStopped = false

  /// Nothing yet.
  public init() {}

  /// Measures a network that was trained on the other folds, and adds the fold.
  ///
  /// - Parameters:
  ///   - trainer: the network, trained.
  ///   - history: what training gave.
  ///   - trainingSampleCount: how many samples it learned from.
  ///   - heldOut: the fold's own samples.
  ///   - model: the network with what was done to its samples before, so that figures are in their own unit; the trainer's
  ///     own where nothing was.
  /// - Throws: what an evaluation refuses.
  @discardableResult
  public mutating func add(
    _ trainer: Trainer, _ history: History, trainingSampleCount: Int, heldOut: DataSubset, model: TrainedModel? = nil
  ) throws -> Fold {
    let evaluation = try trainer.evaluate(heldOut)
    let fold = Fold(
      number: folds.count + 1, trainingSampleCount: trainingSampleCount, history: history, evaluation: evaluation,
      metrics: try trainer.predictor(of: model ?? trainer.model()).metrics(on: heldOut),
      weightsSHA256: trainer.weightsSHA256())
    folds.append(fold)
    return fold
  }

  /// The loss on the held-out samples.
  public var loss: Spread { Spread(folds.map(\.evaluation.loss)) }
  /// The accuracy on the held-out samples; nil for regression.
  public var accuracy: Spread? {
    let values = folds.compactMap(\.evaluation.accuracy)
    return values.isEmpty ? nil : Spread(values)
  }

  /// Every figure of the metrics that all folds have, in the metrics' order.
  public var figures: [(name: String, spread: Spread)] {
    let tables = folds.map(\.metrics.figures)
    guard let first = tables.first else { return [] }
    return first.compactMap { figure in
      let values = tables.compactMap { table in table.first { $0.name == figure.name }?.value }
      return values.count == tables.count ? (figure.name, Spread(values)) : nil
    }
  }
}

extension Metrics {
  /// The figures of all samples together, by the names that JSON has for them; those of single classes are left out.
  public var figures: [(name: String, value: Double)] {
    let all: [(String, Double?)] =
      switch self {
      case .classification(let metrics):
        [
          ("accuracy", metrics.accuracy), ("top_k_accuracy", metrics.topKAccuracy),
          ("macro_precision", metrics.macroPrecision), ("macro_recall", metrics.macroRecall),
          ("macro_f1", metrics.macroF1), ("macro_roc_auc", metrics.macroROCAUC), ("macro_pr_auc", metrics.macroPRAUC),
          ("log_loss", metrics.logLoss), ("expected_calibration_error", metrics.expectedCalibrationError),
        ]
      case .multiLabel(let metrics):
        [
          ("accuracy", metrics.accuracy), ("exact_match", metrics.exactMatch),
          ("macro_precision", metrics.macroPrecision), ("macro_recall", metrics.macroRecall),
          ("macro_f1", metrics.macroF1), ("macro_roc_auc", metrics.macroROCAUC), ("macro_pr_auc", metrics.macroPRAUC),
        ]
      case .regression(let metrics):
        [("rmse", metrics.rootMeanSquaredError), ("mae", metrics.meanAbsoluteError), ("r2", metrics.r2)]
      }
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}

/// Divides samples into folds, and for each has a network trained on all others and measured on it, one after the other.
///
/// The same samples, seed and training give the same figures, bit for bit.
///
/// - Parameters:
///   - data: the samples; what is kept for a final test does not belong among them.
///   - count: how many folds.
///   - seed: what the division follows from.
///   - stratified: whether every fold has its share of every class.
///   - train: makes a trainer and trains it on these samples; a stop that its history tells of ends the whole.
/// - Throws: ``/TrainingData/TrainingDataError`` for folds that cannot be made, and what `train` and the evaluation throw.
public func crossValidate(
  _ data: DataSubset, folds count: Int, seed: UInt64 = 0, stratified: Bool = false,
  train: (DataSubset) throws -> (trainer: Trainer, history: History)
) throws -> CrossValidation {
  var result = CrossValidation()
  for fold in try data.folds(count, seed: seed, stratified: stratified) {
    let (trainer, history) = try train(fold.training)
    guard !history.wasStopped else {
      result.wasStopped = true
      return result
    }
    try result.add(trainer, history, trainingSampleCount: fold.training.sampleCount, heldOut: fold.validation)
  }
  return result
}
