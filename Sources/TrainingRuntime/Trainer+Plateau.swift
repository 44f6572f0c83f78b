import GradientOptimizers

extension Trainer {
  /// Shows an epoch's metric to the schedule, where that watches one; validation's, if there is validation.
  func notePlateau(_ report: EpochReport) {
    guard case .plateau(let plateau) = schedule else { return }
    let value =
      switch plateau.metric {
      case .loss: report.validation?.loss ?? report.trainLoss
      // Without labels there is no accuracy, and nothing that could improve.
      case .accuracy: report.validation.map { $0.accuracy ?? .nan } ?? report.trainAccuracy ?? .nan
      }
    self.plateau.note(value, for: plateau)
  }
}
