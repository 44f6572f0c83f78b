import Fascicle

/// The columns of the epochs' rows: widths are fixed, for rows come one by one.
package struct EpochColumns {
  private let epochWidth: Int
  private let epochCount: Int
  private let hasValidation: Bool

  /// Columns for a run of `epochCount` epochs.
  package init(epochCount: Int, hasValidation: Bool) {
    self.epochCount = epochCount
    self.epochWidth = max(5, 2 * "\(epochCount)".count + 1)
    self.hasValidation = hasValidation
  }

  /// The names of the columns.
  package var header: String {
    let validation = hasValidation ? ["val. loss", "accuracy"] : []
    return line(["epoch", "train loss", "accuracy"] + validation + ["samples/s", "learning rate"])
  }

  /// An epoch as a row.
  package func row(_ report: EpochReport) -> String {
    let validation =
      hasValidation
      ? [
        report.validation.map { NumberFormat.loss($0.loss) } ?? "–",
        NumberFormat.percent(report.validation?.accuracy),
      ] : []
    return line(
      [
        "\(report.epoch)/\(epochCount)", NumberFormat.loss(report.trainLoss),
        NumberFormat.percent(report.trainAccuracy),
      ]
        + validation + [
          NumberFormat.rate(report.samplesPerSecond), NumberFormat.scientific(Double(report.learningRate)),
        ])
  }

  private func line(_ cells: [String]) -> String {
    let widths = [epochWidth, 13, 10] + (hasValidation ? [13, 10] : []) + [13, 15]
    return zip(cells, widths).map { TextTable.pad($0, to: $1, .right) }.joined()
  }
}
