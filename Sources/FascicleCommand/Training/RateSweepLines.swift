import Fascicle

/// A sweep over learning rates as a curve, a table and sentences.
enum RateSweepLines {
  private static let rowCount = 14
  private static let curveWidth = 72
  private static let heights = Array("▁▂▃▄▅▆▇█")

  /// Curve, table and suggestion.
  static func lines(_ sweep: RateSweep) -> [String] {
    guard let first = sweep.points.first, let last = sweep.points.last else {
      return ["the loss is not a finite number before any rate was tried"]
    }
    var lines = [
      curve(sweep.points.map(\.smoothedLoss)),
      "loss at rates from \(number(first.rate)) to \(number(last.rate)), smoothed", "",
    ]
    var table = TextTable([.right, .right, .right])
    table.add(["rate", "loss", "smoothed"])
    for index in rows(of: sweep.points.count) {
      let point = sweep.points[index]
      table.add([number(point.rate), NumberFormat.loss(point.loss), NumberFormat.loss(point.smoothedLoss)])
    }
    lines += table.lines + [""]
    if let rate = sweep.steepestRate { lines.append("the loss falls fastest at \(number(rate))") }
    lines.append(
      sweep.divergedRate.map { "the loss leaves at \(number($0))" }
        ?? "the loss has not left: larger rates than these may work too")
    lines.append(
      sweep.suggestedRate.map { "try optimizer.learningRate=\(number($0))" }
        ?? "no rate made the loss fall; look at the data, or at what fascicle diagnose says")
    return lines
  }

  /// A rate with three digits.
  private static func number(_ rate: Float) -> String { NumberFormat.scientific(Double(rate)) }

  /// About as many rows as fit a screen, the first and the last among them.
  private static func rows(of count: Int) -> [Int] {
    guard count > rowCount else { return Array(0..<count) }
    return (0..<rowCount).map { $0 * (count - 1) / (rowCount - 1) }
  }

  /// The losses as a row of blocks, what is far above the first one cut off.
  private static func curve(_ losses: [Double]) -> String {
    let width = min(curveWidth, losses.count)
    let shown = (0..<width).map { losses[width == 1 ? 0 : $0 * (losses.count - 1) / (width - 1)] }
    let least = shown.min() ?? 0, ceiling = min(shown.max() ?? 0, least + 1.5 * max(0, shown[0] - least))
    return String(
      shown.map { loss in
        guard ceiling > least else { return heights[0] }
        let share = (min(loss, ceiling) - least) / (ceiling - least)
        return heights[min(heights.count - 1, Int(share * Double(heights.count)))]
      })
  }
}

extension RateSweep {
  /// `rate_sweep`.
  var event: JSONEvent {
    func single(_ rate: Float?) -> JSONValue { rate.map { .single($0) } ?? .number(nil) }
    return JSONEvent(
      name: "rate_sweep",
      fields: [
        "points": .list(
          points.map {
            .object([
              "rate": .single($0.rate), "loss": .number($0.loss), "smoothed_loss": .number($0.smoothedLoss),
            ])
          }),
        "steepest_rate": single(steepestRate), "diverged_rate": single(divergedRate),
        "suggested_rate": single(suggestedRate),
      ])
  }
}
