import Fascicle

extension ValueStatistics {
  /// As in `-0.31 … 1.25, mean 0.02`.
  var summary: String {
    let notFinite = notFiniteCount > 0 ? "\(NumberFormat.grouped(notFiniteCount)) not finite" : nil
    guard let smallest, let largest, let mean else { return notFinite ?? "none" }
    let span = "\(Self.short(smallest)) … \(Self.short(largest)), mean \(Self.short(mean))"
    return [span, notFinite].compactMap { $0 }.joined(separator: ", ")
  }

  /// The same for programs.
  var json: JSONValue {
    .object([
      "smallest": .number(smallest), "largest": .number(largest), "mean": .number(mean),
      "not_finite": .whole(notFiniteCount),
    ])
  }

  /// A number with the digits that tell something: whole numbers as they are.
  static func short(_ value: Double) -> String {
    if let whole = Int(exactly: value), abs(whole) < 1_000_000 { return "\(whole)" }
    return abs(value) >= 1e-3 && abs(value) < 1e6 ? NumberFormat.fixed(value, 4) : NumberFormat.scientific(value)
  }
}
