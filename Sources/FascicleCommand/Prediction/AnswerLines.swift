import Fascicle

/// Answers as lines of text; numbers have as many digits as give them back exactly.
struct AnswerLines {
  private let width: Int
  /// What the outputs are, as in `probability`.
  private let singular: String
  private let plural: String
  private let classNames: [String]?
  private let choice: Choice

  /// How a class follows from a row of outputs.
  private enum Choice {
    case none
    /// The first of the largest.
    case largest
    /// Class 1 where a single output is above this.
    case above(Float)
  }

  init(_ model: TrainedModel) {
    width = model.outputCount
    let tellsClasses = model.loss.tellsClasses
    let names =
      !tellsClasses
      ? ("value", "values") : model.loss.givesProbabilities ? ("probability", "probabilities") : ("score", "scores")
    (singular, plural) = names
    classNames = model.classNames ?? model.preparation?.classNames
    let tellsTwo = width == 1 && model.preparation?.classNames?.count == 2
    choice = tellsClasses ? .largest : tellsTwo ? .above(model.loss.threshold) : .none
  }

  /// The names of the columns.
  var header: String {
    let outputs = (0..<width).map { index in
      let name = classNames.flatMap { $0.count == width ? $0[index] : nil } ?? "\(index)"
      return Self.field("\(singular)_\(name)")
    }
    if case .none = choice { return outputs.joined(separator: ",") + "\n" }
    return (["class"] + outputs).joined(separator: ",") + "\n"
  }

  /// A line for each row of answers.
  func csv(_ answers: [Float]) -> String {
    var text = ""
    for row in rows(of: answers) {
      if let index = chosen(row) { text += Self.field(classNames?[index] ?? "\(index)") + "," }
      text += row.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    return text
  }

  /// `prediction`, an event for each row of answers.
  func events(_ answers: [Float], firstRow: Int) throws -> String {
    try rows(of: answers).enumerated().map { index, row in
      var fields: [String: JSONValue] = ["row": .whole(firstRow + index)]
      fields[plural] = .list(row.map { .single($0) })
      if let chosen = chosen(row) {
        fields["class"] = .whole(chosen)
        if let classNames { fields["class_name"] = .text(classNames[chosen]) }
      }
      return try JSONEvent(name: "prediction", fields: fields).line()
    }.joined()
  }

  private func rows(of answers: [Float]) -> [ArraySlice<Float>] {
    stride(from: 0, to: answers.count, by: width).map { answers[$0..<$0 + width] }
  }

  /// The class that a row stands for; nil where outputs are no classes.
  private func chosen(_ row: ArraySlice<Float>) -> Int? {
    switch choice {
    case .none: return nil
    case .above(let threshold): return row[row.startIndex] > threshold ? 1 : 0
    case .largest:
      var best = row.startIndex
      for index in row.indices where row[index] > row[best] { best = index }
      return best - row.startIndex
    }
  }

  /// A text as a field of RFC 4180: between quotes where it must be.
  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
