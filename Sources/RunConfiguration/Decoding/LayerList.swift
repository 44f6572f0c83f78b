import Fascicle

/// Reads `network.layers`.
enum LayerList {
  /// The widest layer that is taken for meant.
  private static let unitLimit = 1 << 24
  /// The most layers that are taken for meant.
  private static let layerLimit = 10_000
  private static let form = "a list such as [{ dense: 64, activation: relu }, { dense: 10, activation: softmax }]"

  static func read(_ reader: SectionReader, default standard: [Layer]) -> [Layer] {
    defer { reader.finish() }
    guard let node = reader.node("layers") else { return standard }
    guard case .list(let elements) = node.value, !elements.isEmpty, elements.count <= layerLimit else {
      var found = node.wording
      if case .list(let elements) = node.value {
        found = elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
      }
      reader.problems.add(.value, node.place, "network.layers must be \(form), but is \(found)")
      return standard
    }
    return elements.enumerated().compactMap { index, element in
      layer(
        SectionReader(
          element, path: "network.layers.\(index)", example: "dense: 64, activation: relu", problems: reader.problems))
    }
  }

  private static func layer(_ reader: SectionReader) -> Layer? {
    if reader.has("dense") { return .dense(dense(reader)) }
    guard reader.has("activation") else {
      _ = (reader.node("dense"), reader.node("activation"))
      reader.finish()
      if reader.isSection {
        reader.problems.add(
          .value, reader.place, "\(reader.path) must have the key 'dense' or 'activation'",
          hint: "as in { dense: 64, activation: relu } or { activation: tanh }")
      }
      return nil
    }
    let function = activation(reader)
    reader.finish(
      owner: "the activation layer \(function.name)",
      others: ActivationFunction.parameterNames + ["initializer", "bias"])
    return .activation(Activation(function))
  }

  private static func dense(_ reader: SectionReader) -> Dense {
    let units = reader.whole("dense", default: 1, in: 1...unitLimit)
    let function = activation(reader)
    let names = ["auto"] + Initializer.allCases.map(\.rawValue)
    let initializer = reader.choice("initializer", default: Initializer?.none, among: names) { name in
      name == "auto" ? .some(nil) : Initializer(rawValue: name).map { .some($0) }
    }
    let usesBias = reader.flag("bias", default: true)
    reader.finish(
      owner: "a dense layer with the activation \(function.name)", others: ActivationFunction.parameterNames)
    return Dense(units, activation: function, initializer: initializer ?? nil, usesBias: usesBias)
  }

  private static func activation(_ reader: SectionReader) -> ActivationFunction {
    let function = reader.choice("activation", default: .linear, among: ActivationFunction.names) {
      ActivationFunction.named($0)
    }
    guard let function else {
      // The name is wrong already; which parameters it has is anybody's guess.
      for name in ActivationFunction.parameterNames { _ = reader.node(name) }
      return .linear
    }
    guard reader.has("activation") else { return function }
    var values: [String: ActivationParameter.Value] = [:]
    for parameter in function.settableParameters { values[parameter.name] = value(of: parameter, reader) }
    return function.with(values) ?? function
  }

  private static func value(of parameter: ActivationParameter, _ reader: SectionReader) -> ActivationParameter.Value {
    switch parameter.value {
    case .number(let usual): .number(reader.float(parameter.name, default: usual))
    case .word(let usual):
      .word(
        reader.choice(parameter.name, default: usual, among: parameter.words) { word in
          parameter.words.contains(word) ? word : nil
        } ?? usual)
    }
  }
}
