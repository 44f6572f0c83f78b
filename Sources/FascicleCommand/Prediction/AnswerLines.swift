import Fascicle

/// Answers as lines of text; numbers have as many digits as give them back exactly.
struct AnswerLines {
  private let width: Int
  private let tellsClasses: Bool
  /// What the outputs are, as in `probability`.
  private let singular: String
  private let plural: String
  private let classNames: [String]?

  init(_ model: TrainedModel) {
    width = model.outputCount
    tellsClasses = model.loss.tellsClasses
    let names =
      !tellsClasses
      ? ("value", "values") : model.loss.givesProbabilities ? ("probability", "probabilities") : ("score", "scores")
    (singular, plural) = names
    classNames = model.classNames
  }

  /// The names of the columns.
  var header: String {
    let columns = (0..<width).map { "\(singular)_\($0)" }
    return ((tellsClasses ? ["class"] : []) + columns).joined(separator: ",") + "\n"
  }

  /// A line for each row of answers.
  func csv(_ answers: [Float]) -> String {
    var text = ""
    for row in rows(of: answers) {
      if tellsClasses { text += "\(Self.largest(row))," }
      text += row.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    return text
  }

  /// `prediction`, an event for each row of answers.
  func events(_ answers: [Float], firstRow: Int) throws -> String {
    try rows(of: answers).enumerated().map { index, row in
      var fields: [String: JSONValue] = ["row": .whole(firstRow + index)]
      fields[plural] = .list(row.map { .single($0) })
      if tellsClasses {
        fields["class"] = .whole(Self.largest(row))
        if let classNames { fields["class_name"] = .text(classNames[Self.largest(row)]) }
      }
      return try JSONEvent(name: "prediction", fields: fields).line()
    }.joined()
  }

  private func rows(of answers: [Float]) -> [ArraySlice<Float>] {
    stride(from: 0, to: answers.count, by: width).map { answers[$0..<$0 + width] }
  }

  /// The first of the largest.
  private static func largest(_ row: ArraySlice<Float>) -> Int {
    var best = row.startIndex
    for index in row.indices where row[index] > row[best] { best = index }
    return best - row.startIndex
  }
}
