/// Ends a call of `fit` when a figure of its epochs has stopped getting better, and goes back to the best epoch.
///
/// An epoch is better when its figure is by more than ``minDelta`` below the best so far, or above it for an accuracy; one
/// that is not a number never is. After ``patience`` epochs in a row without a better one, no further epoch begins.
///
/// With ``restoreBest`` the trainer stands afterwards as it did after the best epoch, however the call ended: parameters,
/// optimizer state, averages, and the counts of steps and epochs, bit for bit. A later call of `fit` goes on from there.
///
/// Source: Prechelt, "Early Stopping – But When?", 1998, doi:10.1007/3-540-49430-8_3.
public struct EarlyStopping: Sendable, Hashable {
  /// A figure of an epoch.
  public enum Monitor: String, Sendable, Hashable, CaseIterable {
    /// The loss over the validation samples.
    case validationLoss = "validation_loss"
    /// The share of validation samples classified right.
    case validationAccuracy = "validation_accuracy"
    /// The mean training loss of the epoch.
    case trainLoss = "train_loss"
    /// The share of training samples classified right during the epoch.
    case trainAccuracy = "train_accuracy"
  }

  /// What is watched.
  public var monitor: Monitor
  /// Epochs in a row that may pass without a better one, at least 1.
  public var patience: Int
  /// By how much an epoch must be better to count, at least 0.
  public var minDelta: Double
  /// Whether to go back to the best epoch at the end.
  public var restoreBest: Bool

  /// Watches the validation loss for five epochs, unless told otherwise.
  public init(
    monitor: Monitor = .validationLoss, patience: Int = 5, minDelta: Double = 0, restoreBest: Bool = true
  ) {
    self.monitor = monitor
    self.patience = patience
    self.minDelta = minDelta
    self.restoreBest = restoreBest
  }

  /// Refuses a patience below 1 and a difference that is negative or not finite.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.setting`.
  public func validate() throws(TrainingRuntimeError) {
    guard patience >= 1 else {
      throw TrainingRuntimeError(
        code: .setting, message: "the patience of early stopping must be at least 1 epoch, but is \(patience)")
    }
    guard minDelta >= 0, minDelta.isFinite else {
      throw TrainingRuntimeError(
        code: .setting, message: "minDelta of early stopping must be a finite number of at least 0, but is \(minDelta)")
    }
  }
}

extension EarlyStopping.Monitor {
  /// Whether the figure is of the validation samples.
  package var isOfValidation: Bool { self == .validationLoss || self == .validationAccuracy }
  /// Whether the figure is a share of samples classified right, of which more is better.
  package var isAccuracy: Bool { self == .validationAccuracy || self == .trainAccuracy }

  /// The figure of an epoch; NaN where there is none.
  func value(of report: EpochReport) -> Double {
    switch self {
    case .validationLoss: report.validation?.loss ?? .nan
    case .validationAccuracy: report.validation?.accuracy ?? .nan
    case .trainLoss: report.trainLoss
    case .trainAccuracy: report.trainAccuracy ?? .nan
    }
  }
}
