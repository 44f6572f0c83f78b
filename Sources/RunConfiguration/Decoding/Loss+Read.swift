import Fascicle

extension Loss {
  /// Reads `loss`: a name, or a section with the name and the loss's parameters.
  static func read(_ reader: SectionReader, default standard: Loss) -> Loss {
    guard let node = reader.node("loss"), case .section = node.value else {
      return choice("loss", reader, default: standard) ?? standard
    }
    return read(section: reader.section("loss", example: "name: huber, delta: 1")) ?? standard
  }

  private static func read(section reader: SectionReader) -> Loss? {
    guard reader.has("name") else {
      reader.problems.add(
        .value, reader.place, "loss must have the key 'name'", hint: "as in loss: { name: huber, delta: 1 }")
      return nil
    }
    guard let loss = choice("name", reader, default: .meanSquaredError) else { return nil }
    var values: [String: LossParameter.Value] = [:]
    for parameter in loss.parameters { values[parameter.name] = reader.value(of: parameter) }
    reader.finish(owner: "the loss \(loss.name)", others: parameterNames)
    return loss.with(values) ?? loss
  }
}

extension Loss {
  /// What other programs call some losses.
  private static let otherNames = [
    "cross_entropy": "categorical_cross_entropy", "sparse_categorical_cross_entropy": "categorical_cross_entropy",
    "categorical_crossentropy": "categorical_cross_entropy", "binary_crossentropy": "binary_cross_entropy",
    "sparse_categorical_crossentropy": "categorical_cross_entropy", "bce": "binary_cross_entropy",
    "mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error", "smooth_l1": "huber", "pinball": "quantile", "kld": "kl_divergence",
    "kl": "kl_divergence", "kullback_leibler_divergence": "kl_divergence", "cosine": "cosine_similarity",
    "crossentropy": "categorical_cross_entropy", "l1": "mean_absolute_error", "l2": "mean_squared_error",
  ]

  /// One of the names; another program's name is answered with ours.
  private static func choice(_ key: String, _ reader: SectionReader, default standard: Loss) -> Loss? {
    guard let node = reader.node(key), case .scalar(let text, _) = node.value, let ours = otherNames[text] else {
      return reader.choice(key, default: standard, among: names, make: named)
    }
    let isSparse = text.hasPrefix("sparse_")
    reader.problems.add(
      .value, node.place, "\(reader.dotted(key)) must be the name of a loss, but is \(node.wording)",
      hint: isSparse ? "\(ours) takes class labels as they are" : "it is called \(ours) here")
    return nil
  }
}
