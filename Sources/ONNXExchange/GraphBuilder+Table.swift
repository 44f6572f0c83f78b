import Fascicle

extension GraphBuilder {
  /// Adds the columns of a table as inputs, one for each, and what a preparation does to them; returns the features.
  ///
  /// Where the preparation refuses a row, for a missing value or an unknown category, its features become NaN, and with them
  /// what the network answers: a graph can refuse nothing.
  mutating func table(_ preparation: TablePreparation) -> String {
    let parts = preparation.columns.map { column -> String in
      switch column.content {
      case .number(let number):
        addInput(column.name, width: 1, about: "numbers; NaN where one is missing")
        return self.number(number, column.name)
      case .category(let category):
        addInput(column.name, width: 1, .string, about: "texts as in the table that the model was trained on")
        return self.category(category, column.name, missing: preparation.missingTexts)
      }
    }
    return parts.count == 1 ? parts[0] : node("Concat", parts, ["axis": .int(1)])
  }

  /// In double precision, and rounded once, as the preparation itself computes.
  private mutating func number(_ number: PreparedNumber, _ column: String) -> String {
    var values = column
    if let fill = number.fill { values = node("Where", [node("IsNaN", [values]), self.number(fill), values]) }
    guard number.isLogarithmic || number.scale.centre != 0 || number.scale.spread != 1 else { return values }
    values = node("Cast", [values], ["to": .int(ONNXTensorProto.DataType.double.rawValue)])
    if number.isLogarithmic {
      let logarithm = node("Log", [node("Add", [node("Abs", [values]), double(1)])])
      values = node("Mul", [node("Sign", [values]), logarithm])
    }
    values = node("Div", [node("Sub", [values, double(number.scale.centre)]), double(number.scale.spread)])
    return node("Cast", [values], ["to": .int(ONNXTensorProto.DataType.float.rawValue)])
  }

  /// Answers that were learned in scale, in their own unit: a scale for each output.
  mutating func unscaled(_ answers: String, _ scales: [PreparedScale]) -> String {
    let values = node("Cast", [answers], ["to": .int(ONNXTensorProto.DataType.double.rawValue)])
    let moved = node("Add", [node("Mul", [values, doubles(scales.map(\.spread))]), doubles(scales.map(\.centre))])
    return node("Cast", [moved], ["to": .int(ONNXTensorProto.DataType.float.rawValue)])
  }

  private mutating func category(_ category: PreparedCategory, _ column: String, missing: [String]) -> String {
    let place = self.place(of: category, column, missing: missing)
    if let scale = category.scale {
      // An unknown category that is not refused counts as the first.
      let known = node("Max", [place, number(0)])
      let kept =
        category.refusesUnknown || category.fill == nil ? node("Add", [known, node("Sub", [place, place])]) : known
      return node(
        "Cast",
        [
          node(
            "Div",
            [
              node(
                "Sub",
                [
                  node("Cast", [kept], ["to": .int(ONNXTensorProto.DataType.double.rawValue)]), double(scale.centre),
                ]), double(scale.spread),
            ])
        ], ["to": .int(ONNXTensorProto.DataType.float.rawValue)])
    }
    let places = constant(category.names.indices.map { Float($0) }, [1, category.names.count], name: "places")
    let features = node(
      "Cast", [node("Equal", [place, places])], ["to": .int(ONNXTensorProto.DataType.float.rawValue)])
    guard category.refusesUnknown || category.fill == nil else { return features }
    return node("Add", [features, node("Sub", [place, place])])
  }

  /// A text's position among the categories: −1 for one that is unknown, NaN for one that is refused.
  private mutating func place(of category: PreparedCategory, _ column: String, missing: [String]) -> String {
    var keys = category.names, values = category.names.indices.map { Float($0) }
    for text in missing where !category.names.contains(text) {
      keys.append(text)
      values.append(category.fill.map { Float($0) } ?? .nan)
    }
    return node(
      "LabelEncoder", [column],
      [
        "keys_strings": .strings(keys), "values_floats": .floats(values),
        "default_float": .float(category.refusesUnknown ? .nan : -1),
      ], domain: Self.machineLearningDomain)
  }
}
