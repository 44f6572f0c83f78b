import Fascicle

/// Answers as lines of text; numbers have as many digits as give them back exactly.
///
/// What a column holds follows from what the model's outputs say: a class with the probabilities or scores of all classes,
/// several labels with those of each, or values.
struct AnswerLines {
  private let reading: OutputReading
  private let width: Int
  /// What the outputs are, as in `probability`.
  private let singular: String
  private let plural: String
  private let classNames: [String]?

  init(_ model: TrainedModel) {
    reading = model.outputReading
    width = model.outputCount
    classNames = model.classNames ?? model.preparation?.classNames
    (singular, plural) =
      reading.answer == .values
      ? ("value", "values") : reading.scoresAreProbabilities ? ("probability", "probabilities") : ("score", "scores")
  }

  /// Whether a single output that is a probability is told as those of both classes.
  private var tellsBothSides: Bool {
    guard case .classes = reading.answer else { return false }
    return width == 1 && reading.scoresAreProbabilities
  }

  /// The names of the columns.
  var header: String {
    let columns: [String]
    switch reading.answer {
    case .classes(let count):
      // A single score is that of class 1.
      columns = ["class"] + (width == 1 && !tellsBothSides ? [1] : Array(0..<count)).map { column(ofClass: $0) }
    case .labels: columns = ["labels"] + (0..<width).map { "\(singular)_\($0)" }
    case .values: columns = (0..<width).map { "\(singular)_\($0)" }
    }
    return columns.joined(separator: ",") + "\n"
  }

  private func column(ofClass index: Int) -> String { Self.field("\(singular)_\(name(ofClass: index))") }

  /// What a class is called; its number where nobody said.
  private func name(ofClass index: Int) -> String {
    guard let classNames, index < classNames.count else { return "\(index)" }
    return classNames[index]
  }

  /// A line for each row of answers; labels stand in one column, separated by blanks.
  func csv(_ answers: [Float]) -> String {
    var text = ""
    for (outputs, shown) in rows(of: answers) {
      switch reading.answer {
      case .classes: text += Self.field(name(ofClass: reading.label(of: outputs))) + ","
      case .labels: text += reading.labels(of: outputs).map { "\($0)" }.joined(separator: " ") + ","
      case .values: break
      }
      text += shown.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    return text
  }

  /// How many numbers are told of a sample.
  var numberCount: Int { tellsBothSides ? 2 : width }

  /// The numbers alone, row after row: the probabilities, scores or values of the columns in ``header``.
  func numbers(_ answers: [Float]) -> [Float] { rows(of: answers).flatMap(\.shown) }

  /// `prediction`, an event for each row of answers.
  func events(_ answers: [Float], firstRow: Int) throws -> String {
    try rows(of: answers).enumerated().map { index, row in
      var fields: [String: JSONValue] = [
        "row": .whole(firstRow + index), plural: .list(row.shown.map { .single($0) }),
      ]
      switch reading.answer {
      case .classes:
        let label = reading.label(of: row.outputs)
        fields["class"] = .whole(label)
        if classNames != nil { fields["class_name"] = .text(name(ofClass: label)) }
      case .labels: fields["labels"] = .list(reading.labels(of: row.outputs).map { .whole($0) })
      case .values: break
      }
      return try JSONEvent(name: "prediction", fields: fields).line()
    }.joined()
  }

  /// Each sample's outputs, and what is told of them; values are told as they are.
  private func rows(of answers: [Float]) -> [(outputs: ArraySlice<Float>, shown: [Float])] {
    let scores = reading.answer == .values ? answers : reading.scores(answers)
    return stride(from: 0, to: answers.count, by: width).map { first in
      let row = scores[first..<first + width]
      return (answers[first..<first + width], tellsBothSides ? reading.classScores(row) : Array(row))
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
